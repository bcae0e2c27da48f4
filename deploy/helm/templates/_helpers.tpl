{{- define "chitra.labels" -}}
app.kubernetes.io/name: chitra
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "chitra.selector" -}}
app.kubernetes.io/name: chitra
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chitra.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  # Secrets and the spool belong to root: this lets the group in.
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
volumes:
  # Secrets of Kubernetes are their group's to read, which chitra refuses of a key file; it takes one in its CREDENTIALS_DIRECTORY.
  - name: credentials
    secret: {secretName: {{ .Values.masterKeySecret }}, defaultMode: 0440}
  - name: spool
    emptyDir: {sizeLimit: {{ .Values.spoolSize }}}
  {{- if .Values.database.caSecret }}
  - name: database-ca
    secret: {secretName: {{ .Values.database.caSecret }}}
  {{- end }}
{{- end }}

{{- define "chitra.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  - {name: CHITRA_DATABASE, value: {{ .Values.database.url | quote }}}
  - {name: CHITRA_MASTER_KEY_FILE, value: /etc/chitra/credentials/master-key}
  - {name: CREDENTIALS_DIRECTORY, value: /etc/chitra/credentials}
  - {name: CHITRA_LISTEN, value: "0.0.0.0:8080"}
  # The ingress ends TLS.
  - {name: CHITRA_BEHIND_PROXY, value: "true"}
  - {name: CHITRA_LOG_FORMAT, value: json}
  - {name: TMPDIR, value: /spool}
  - name: PGPASSWORD
    valueFrom: {secretKeyRef: {name: {{ .Values.database.passwordSecret }}, key: password}}
  {{- range $name, $value := .Values.environment }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
volumeMounts:
  - {name: credentials, mountPath: /etc/chitra/credentials, readOnly: true}
  - {name: spool, mountPath: /spool}
  {{- if .Values.database.caSecret }}
  - {name: database-ca, mountPath: /etc/chitra/database-ca, readOnly: true}
  {{- end }}
{{- end }}
