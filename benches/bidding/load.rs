//! Clients that cost little: what is measured shares this machine with them.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use crate::processor::{self, Taken};

/// A connection that stays open, with one request on the way at most.
pub struct Connection {
    stream: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

/// An answer: status and body.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Connection {
    pub fn open(address: &str, token: &str) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream, token: token.to_owned(), buffer: vec![0; 16 << 10] }
    }

    pub fn send(&mut self, method: &str, path: &str, body: &str) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).unwrap();
    }

    /// The answer to what was sent. Answers of the API are never in chunks.
    pub fn receive(&mut self) -> Answer {
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).unwrap();
            assert!(count > 0, "the server closed the connection");
            filled += count;
            let text = std::str::from_utf8(&self.buffer[..filled]).unwrap_or_default();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")))
                .map_or(0, |(_, value)| value.trim().parse::<usize>().unwrap());
            if body.len() >= length {
                return Answer { status: head[9..12].parse().unwrap(), body: body.to_owned() };
            }
        }
    }
}

/// How many requests a second, and how long each took.
pub struct Pace {
    pub counted: usize,
    pub took: Duration,
    pub times: Vec<Duration>,
    /// On the processor: of the clients' threads, and of the server's with the database's.
    pub clients: Duration,
    pub taken: Taken,
}

impl Pace {
    pub fn per_second(&self) -> f64 {
        self.counted as f64 / self.took.as_secs_f64()
    }

    /// In milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    }

    /// In microseconds for each that was counted.
    pub fn on_the_processor(&self) -> String {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / self.counted as f64;
        let (client, server, database) = (each(self.clients), each(self.taken.own), each(self.taken.started));
        format!("processor: client {client:.0} µs, server {server:.0} µs, PostgreSQL {database:.0} µs")
    }
}

/// Every client at once, each with one request on the way, for a time; `a_second`: no faster than so many requests together, and
/// each is timed from when it was due. `send` makes the next request of a client; `counts` says whether an answer is one that
/// is counted.
pub fn run(
    address: &str,
    tokens: &[&str],
    lasts: Duration,
    a_second: Option<u32>,
    send: impl Fn(&mut Connection) + Sync,
    counts: impl Fn(&Answer) -> bool + Sync,
) -> Pace {
    let before = Taken::so_far();
    let start = Instant::now();
    let next = AtomicU32::new(0);
    let due = || match a_second {
        Some(rate) => start + Duration::from_secs(1) * next.fetch_add(1, Ordering::Relaxed) / rate,
        None => Instant::now(),
    };
    let (send, counts, due) = (&send, &counts, &due);
    let of_each = std::thread::scope(|scope| {
        let clients: Vec<_> = tokens
            .iter()
            .map(|token| {
                let mut connection = Connection::open(address, token);
                scope.spawn(move || {
                    let (mut counted, mut times) = (0, Vec::new());
                    loop {
                        let sent = due();
                        if sent >= start + lasts {
                            break;
                        }
                        std::thread::sleep(sent.saturating_duration_since(Instant::now()));
                        send(&mut connection);
                        let answer = connection.receive();
                        times.push(sent.elapsed());
                        counted += usize::from(counts(&answer));
                    }
                    (counted, times, processor::of_this_thread())
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    let took = start.elapsed();
    let counted = of_each.iter().map(|(counted, ..)| counted).sum();
    let clients = of_each.iter().map(|(.., clients)| *clients).sum();
    // Threads that have ended, as the clients have, are counted no more.
    let taken = Taken::so_far().since(before);
    Pace { counted, took, clients, taken, times: of_each.into_iter().flat_map(|(_, times, _)| times).collect() }
}
