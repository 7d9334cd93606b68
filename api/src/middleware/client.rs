//! Which address a request comes from.

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The caller's address. `trusted` proxies of ours stand before us; each appended one entry to `X-Forwarded-For`, so
/// the entry that many places from the end is the last one we may believe. What stands before it, anyone can write.
#[must_use]
pub fn address(extensions: &Extensions, headers: &HeaderMap, trusted: usize) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
    if trusted == 0 { peer } else { forwarded(headers, trusted).unwrap_or(peer) }
}

fn forwarded(headers: &HeaderMap, trusted: usize) -> Option<IpAddr> {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    hops.get(hops.len().checked_sub(trusted)?)?.parse().ok()
}

/// What a limit is counted by: one IPv4 address, or the IPv6 network a single line is given.
#[must_use]
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() & (u128::MAX << 64))),
        short @ IpAddr::V4(_) => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: &'static str, trusted: usize) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4000))));
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-forwarded-for"),
            http::HeaderValue::from_static(forwarded),
        )]);
        address(&extensions, &headers, trusted).to_string()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(seen("1.1.1.1, 2.2.2.2", 0), "10.0.0.1");
        assert_eq!(seen("1.1.1.1, 2.2.2.2", 1), "2.2.2.2");
        assert_eq!(seen("1.1.1.1, 2.2.2.2", 2), "1.1.1.1");
        assert_eq!(seen("1.1.1.1", 2), "10.0.0.1");
        assert_eq!(seen("nonsense", 1), "10.0.0.1");
    }

    #[test]
    fn a_line_cannot_multiply_itself() {
        let counted = |text: &str| super::counted(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:1.2.3.4"), "1.2.3.4");
    }
}
