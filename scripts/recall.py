"""A recall note (camt.055) by the classes that the package pyiso20022 was made into from ISO's schemas: which elements there are, in which
order, how many of each, and what their texts may be. Nothing of the package runs but these definitions."""
import dataclasses
import decimal
import enum
import importlib
import re
import sys
import types
import typing
import xml.etree.ElementTree as ElementTree

from packages import package


def classes(version):
    """The definitions of a version; of what they import, only the names of two kinds of dates are needed."""
    dates = types.ModuleType("xsdata.models.datatype")
    dates.XmlDate, dates.XmlDateTime = type("XmlDate", (), {}), type("XmlDateTime", (), {})
    stand_ins = {"xsdata": types.ModuleType("xsdata"), "xsdata.models": types.ModuleType("xsdata.models"), "xsdata.models.datatype": dates}
    sys.modules.update({name: module for name, module in stand_ins.items() if name not in sys.modules})
    sys.path.insert(0, str(package("pyiso20022")))
    name = f"camt_055_001_{version}"
    return importlib.import_module(f"pyiso20022.camt.{name}.{name}")


PATTERNS = {"XmlDate": r"\d{4}-\d\d-\d\d", "XmlDateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"}


def text_faults(path, text, kind, about):
    """What is wrong with a text."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [] if text in [one.value for one in kind] else [f"{path}: {text!r} is no {kind.__name__}"]
    patterns = [pattern for pattern in (PATTERNS.get(kind.__name__), about.get("pattern")) if pattern]
    faults = [f"{path}: {text!r} is not {pattern}" for pattern in patterns if not re.fullmatch(pattern, text)]
    if len(text) < about.get("min_length", 0) or len(text) > about.get("max_length", len(text)):
        faults.append(f"{path}: {text!r} has another length")
    if kind is decimal.Decimal and not re.fullmatch(r"\d{1,18}(\.\d{1,5})?", text):
        faults.append(f"{path}: {text!r} is no amount")
    return faults


def plain(kind):
    """The type of one element: without None, and without the list around it; and whether there was a list."""
    if typing.get_origin(kind) is list:
        return typing.get_args(kind)[0], True
    parts = [part for part in typing.get_args(kind) if part is not type(None)]
    return (parts[0] if parts else kind), False


def faults_of(element, kind, path):
    """What is wrong with an element and all in it."""
    hints = typing.get_type_hints(kind, vars(sys.modules[kind.__module__]))
    fields = [(field.metadata.get("name"), field.metadata, *plain(hints[field.name])) for field in dataclasses.fields(kind)]
    own = [field for field in fields if field[1].get("type") == "Element"]
    names, found = [name for name, *_ in own], [child.tag.rsplit("}")[-1] for child in element]
    faults = [f"{path}/{name}: there is no such element here" for name in found if name not in names]
    places = [names.index(name) for name in found if name in names]
    if places != sorted(places):
        faults.append(f"{path}: {found} are not in the order {names}")
    if kind.__name__.endswith("Choice") and len(found) != 1:
        faults.append(f"{path}: one of {names} must be there")
    for name, about, inner, many in own:
        count = found.count(name)
        if count < about.get("min_occurs", 1 if about.get("required") else 0) or count > about.get("max_occurs", count if many else 1):
            faults.append(f"{path}/{name}: {count} of them")
        for child in (child for child in element if child.tag.rsplit("}")[-1] == name):
            here = f"{path}/{name}"
            faults += faults_of(child, inner, here) if dataclasses.is_dataclass(inner) else text_faults(here, child.text or "", inner, about)
    for name, about, inner, _ in fields:
        if about.get("type") == "Attribute" and name in element.attrib:
            faults += text_faults(f"{path}/@{name}", element.attrib[name], inner, about)
        elif about.get("type") == "Attribute" and about.get("required"):
            faults.append(f"{path}/@{name}: it is missing")
        elif "type" not in about:
            faults += text_faults(path, element.text or "", inner, about)
    return faults


def faults(text, version):
    """What is wrong with a note, by its version's definitions."""
    root, module = ElementTree.fromstring(text.encode()), classes(version)
    expected = f"{{{module.Document.Meta.namespace}}}Document"
    if root.tag != expected:
        return [f"{root.tag} is not {expected}"]
    return faults_of(root, module.Document, "Document")
