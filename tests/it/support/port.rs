//! A port of this machine that is kept for one test: whoever asks the system for any free port is given another.

use std::net::SocketAddr;

/// Bound and never listened at, so that a connection is refused as long as nobody else listens. Who binds it by its number, as
/// servers do (`SO_REUSEADDR`), gets it, as often as it is started.
pub struct Port {
    number: u16,
    _socket: tokio::net::TcpSocket,
}

impl Port {
    pub fn kept() -> Port {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Port { number: socket.local_addr().unwrap().port(), _socket: socket }
    }

    pub fn number(&self) -> u16 {
        self.number
    }

    /// As servers are told where to listen.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.number)
    }
}

#[test]
fn a_kept_port_refuses_until_somebody_listens_and_again_afterwards() {
    let port = Port::kept();
    let is_open = || std::net::TcpStream::connect(port.address()).is_ok();
    assert!(!is_open());
    for _ in 0..2 {
        let server = std::net::TcpListener::bind(port.address()).unwrap();
        assert!(is_open());
        drop(server);
        assert!(!is_open());
    }
    let others: Vec<_> = (0..200).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    assert!(others.iter().all(|other| other.local_addr().unwrap().port() != port.number()));
}
