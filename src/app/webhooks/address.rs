//! Where an endpoint may be: on the public network by TLS, or in a network that the server was told of. Looked at when it is registered, and for
//! each address that its name leads to, each time before a connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::http::Uri;

/// The longest address of an endpoint.
pub const URL_BYTES_MAX: usize = 500;

/// A network that endpoints may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.20.0.0/16`, `fd00::/8`, or one address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().ok()?;
        let all = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok().filter(|bits| *bits <= all))?;
        Some(Self { base, bits })
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits);
                base.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits);
                base.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRefusal {
    /// No absolute address of the web, or one with a user, a password or a fragment.
    Form,
    /// Without TLS, and its host is no address of a network that the server was told of.
    Plain,
    /// In no network that the server may send to.
    Private,
}

/// Whether messages may go to an address of the network.
#[must_use]
pub fn may_reach(address: IpAddr, plain: bool, networks: &[Network]) -> bool {
    networks.iter().any(|network| network.holds(address)) || (!plain && is_public(address))
}

/// Looks at what can be seen of an address before its name is asked for.
pub fn check(url: &str, networks: &[Network]) -> Result<(), AddressRefusal> {
    let is_visible = url.len() <= URL_BYTES_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
    let uri = Some(url).filter(|url| is_visible && !url.contains('#')).and_then(|url| url.parse::<Uri>().ok());
    let uri = uri.ok_or(AddressRefusal::Form)?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
    let host = authority.map(ureq::http::uri::Authority::host).filter(|host| !host.is_empty());
    let (Some(host), Some(scheme)) = (host, uri.scheme_str()) else { return Err(AddressRefusal::Form) };
    let plain = match scheme {
        "https" => false,
        "http" => true,
        _ => return Err(AddressRefusal::Form),
    };
    if plain && networks.is_empty() {
        return Err(AddressRefusal::Plain);
    }
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        Ok(address) if may_reach(address, plain, networks) => Ok(()),
        Ok(address) if plain && is_public(address) => Err(AddressRefusal::Plain),
        Ok(_) => Err(AddressRefusal::Private),
        // Where the name leads to is looked at each time.
        Err(_) => Ok(()),
    }
}

/// Whether an address is one that anybody can reach: not of this machine, this network, or set apart for anything else.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let set_apart = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (169, 254, _)
            | (192, 168, _)
            | (100, 64..=127, _)
            | (172, 16..=31, _)
            | (198, 18 | 19, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !set_apart
}

/// Of what is handed out, without what carries other networks' addresses (6to4, Teredo) and what is for documents.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let handed_out = first & 0xe000 == 0x2000;
    let carries_others = first == 0x2002 || (first == 0x2001 && second < 0x0200);
    let for_documents = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    handed_out && !carries_others && !for_documents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| Network::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.20.0.0/16", "10.20.255.1", "10.21.0.0"),
            ("10.20.30.40", "10.20.30.40", "10.20.30.41"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("127.0.0.0/8", "::ffff:127.0.0.1", "128.0.0.1"),
            ("::/0", "2001:db8::1", "1.1.1.1"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.holds(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.holds(outside.parse().unwrap()), "{network:?} {outside}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host/8", "10.0.0.0/-1"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_only_this_machine_or_network_reaches_is_not_public() {
        for text in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in
            ["1.1.1.1", "100.128.0.1", "172.32.0.1", "203.0.114.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00::1"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_address_is_taken_by_tls_anywhere_public_and_without_it_only_where_the_server_was_told() {
        let none = &[][..];
        let office = networks(&["10.0.0.0/8"]);
        let cases: &[(&str, &[Network], Result<(), AddressRefusal>)] = &[
            ("https://listener.example/chitra?of=log", none, Ok(())),
            ("https://1.1.1.1:8443/", none, Ok(())),
            ("https://[2606:4700::1111]/", none, Ok(())),
            ("https://10.0.0.5/", &office, Ok(())),
            ("http://10.0.0.5/", &office, Ok(())),
            ("http://listener.local/", &office, Ok(())),
            ("http://listener.example/", none, Err(AddressRefusal::Plain)),
            ("http://1.1.1.1/", &office, Err(AddressRefusal::Plain)),
            ("https://10.0.0.5/", none, Err(AddressRefusal::Private)),
            ("https://127.0.0.1/", &office, Err(AddressRefusal::Private)),
            ("https://[::1]/", none, Err(AddressRefusal::Private)),
            ("https://[::ffff:169.254.169.254]/", none, Err(AddressRefusal::Private)),
            ("http://192.168.0.1/", &office, Err(AddressRefusal::Private)),
            ("ftp://listener.example/", none, Err(AddressRefusal::Form)),
            ("https://user:secret@listener.example/", none, Err(AddressRefusal::Form)),
            ("https://listener.example/#part", none, Err(AddressRefusal::Form)),
            ("listener.example", none, Err(AddressRefusal::Form)),
            ("https://", none, Err(AddressRefusal::Form)),
            ("https://người-nghe.vn/", none, Err(AddressRefusal::Form)),
            ("https://listener.example/ x", none, Err(AddressRefusal::Form)),
        ];
        for (url, networks, expected) in cases {
            assert_eq!(check(url, networks), *expected, "{url}");
        }
    }
}
