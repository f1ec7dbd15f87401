//! A stop that fails no request. The clients speak HTTP by hand: a library would hide a broken
//! connection by trying again.

use crate::demo::{Demo, PASSWORD, PASSWORD_ALONE};
use reqwest::{Method, Version};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

const CLIENTS: usize = 6;
const RESTARTS: usize = 50;

/// A connection and how many answers have come over it.
struct Connection {
    stream: BufReader<TcpStream>,
    answers: usize,
}

/// A whole answer.
struct Answered {
    status: u16,
    body: Value,
    closes: bool,
}

impl Connection {
    /// `None` when nobody listens any more.
    fn open(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nodelay(true).unwrap();
        Some(Self { stream: BufReader::new(stream), answers: 0 })
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// `None` when the connection ended before the first byte of an answer.
    ///
    /// # Panics
    /// When it ended in the middle of one.
    fn receive(&mut self) -> Option<Answered> {
        let mut status_line = String::new();
        if self.stream.read_line(&mut status_line).unwrap_or(0) == 0 {
            return None;
        }
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut closes) = (0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            closes |= line == "connection: close";
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        self.answers += 1;
        Some(Answered { status, body: serde_json::from_slice(&body).unwrap(), closes })
    }
}

fn post(path: &str, token: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn sign_in(address: &str) -> String {
    let mut connection = Connection::open(address).unwrap();
    let body = json!({ "login": "regulator_national", "password": PASSWORD });
    connection.send(&post("/session", "", &body)).unwrap();
    connection.receive().unwrap().body["token"].as_str().unwrap().to_owned()
}

/// Asks one search after the other, over one connection for as long as it is let, until nobody
/// listens any more.
fn ask_on_and_on(address: &str, request: &[u8], answered: &AtomicUsize) {
    while let Some(mut connection) = Connection::open(address) {
        loop {
            let sent = connection.send(request);
            let Some(answer) = sent.ok().and_then(|()| connection.receive()) else {
                assert_eq!(connection.answers, 0, "closed under a request, without having asked to close");
                break;
            };
            assert_eq!((answer.status, answer.body["items"].as_array().unwrap().len()), (200, 10));
            answered.fetch_add(1, Ordering::Relaxed);
            if answer.closes {
                break;
            }
        }
    }
}

/// A supervisor's socket, handed to one process of the registry after the other.
struct Supervised<'a> {
    socket: TcpListener,
    demo: &'a Demo,
}

impl Supervised<'_> {
    /// The next process, once it is ready.
    fn start(&self) -> Child {
        let socket: OwnedFd = self.socket.try_clone().unwrap().into();
        // As systemd does: the socket is the descriptor 3, meant for the process of this number.
        let handing_down = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
        let mut process = Command::new("sh")
            .args(["-c", handing_down, "sh", env!("CARGO_BIN_EXE_anzheng"), "serve", "--data-dir"])
            .arg(self.demo.data_dir())
            .env("ANZHENG__LIMITS__ACCOUNT_RATE", "1000000")
            .env("ANZHENG__SIGN_IN__POLICY_FILE", PASSWORD_ALONE)
            .stdin(socket)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.as_mut().unwrap()).lines().next().unwrap().unwrap();
        assert!(said.starts_with("Serving "), "{said}");
        process
    }
}

#[test]
fn fifty_restarts_behind_one_socket_fail_no_request() {
    let (mut demo, address) = demo("20");
    let token = sign_in(&address);
    let search = post("/certificates/search", &token, &json!({}));
    demo.ask_to_stop();
    demo.stopped();

    let supervised = Supervised { socket: TcpListener::bind("127.0.0.1:0").unwrap(), demo: &demo };
    let address = supervised.socket.local_addr().unwrap().to_string();
    let (answered, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let ask = || {
        while !done.load(Ordering::Relaxed) {
            let mut connection = Connection::open(&address).expect("the socket is always open");
            loop {
                connection.send(&search).expect("the connection is open");
                let answer = connection.receive().expect("every request is answered");
                assert_eq!((answer.status, answer.body["items"].as_array().unwrap().len()), (200, 10));
                answered.fetch_add(1, Ordering::Relaxed);
                if answer.closes || done.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
    };
    let mut process = supervised.start();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        for _ in 0..RESTARTS {
            let before = answered.load(Ordering::Relaxed);
            while answered.load(Ordering::Relaxed) < before + 10
                && clients.iter().all(|client| !client.is_finished())
            {
                thread::yield_now();
            }
            Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
            assert!(process.wait().unwrap().success());
            process = supervised.start();
        }
        done.store(true, Ordering::Relaxed);
    });
    process.kill().unwrap();
    process.wait().unwrap();
}

fn demo(drain_s: &str) -> (Demo, String) {
    let demo =
        Demo::with(&[("ANZHENG__LIMITS__ACCOUNT_RATE", "1000000"), ("ANZHENG__SERVER__DRAIN_S", drain_s)]);
    let address = demo.url().strip_prefix("http://").unwrap().to_owned();
    (demo, address)
}

#[test]
fn a_stop_under_load_fails_no_request() {
    let (mut demo, address) = demo("20");
    let token = sign_in(&address);
    let search = post("/certificates/search", &token, &json!({}));
    // One that has sent half of its request when the stop comes.
    let mut slow = Connection::open(&address).unwrap();
    let (begin, end) = search.split_at(search.len() - 1);
    slow.send(begin).unwrap();
    let mut idle = Connection::open(&address).unwrap();
    idle.send(&search).unwrap();
    assert!(!idle.receive().unwrap().closes);

    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| ask_on_and_on(&address, &search, &answered));
        }
        while answered.load(Ordering::Relaxed) < 10 * CLIENTS {
            thread::yield_now();
        }
        demo.ask_to_stop();
    });
    // The others have been refused by now.
    slow.send(end).unwrap();
    let whole = slow.receive().expect("what was begun is answered");
    assert_eq!((whole.status, whole.closes), (200, true));
    assert!(idle.receive().is_none(), "closed between requests");
    demo.stopped();
}

#[test]
fn a_stop_fails_no_request_over_http_2_either() {
    let mut demo =
        Demo::with(&[("ANZHENG__LIMITS__ACCOUNT_RATE", "1000000"), ("ANZHENG__SERVER__TLS", "on")]);
    let nation = demo.user("regulator_national");
    let answered = AtomicUsize::new(0);
    let ask_on_and_on = || {
        loop {
            match nation.request(Method::GET, "/certificates/search").send() {
                Ok(answer) => {
                    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
                    let body: Value = answer.json().expect("a whole answer");
                    assert_eq!(body["items"].as_array().unwrap().len(), 10);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                // The server tells which requests it did not take; the client tries those again elsewhere.
                Err(error) => return assert!(error.is_connect(), "{error:?}"),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(ask_on_and_on);
        }
        while answered.load(Ordering::Relaxed) < 10 * CLIENTS {
            thread::yield_now();
        }
        demo.ask_to_stop();
    });
    demo.stopped();
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_process() {
    let (mut demo, address) = demo("1");
    let token = sign_in(&address);
    let mut endless = Connection::open(&address).unwrap();
    let request = post("/certificates/search", &token, &json!({}));
    endless.send(&request[..request.len() - 1]).unwrap();
    demo.ask_to_stop();
    demo.stopped();
    assert!(endless.receive().is_none());
}

#[test]
fn after_a_stop_the_database_is_one_file_that_anybody_can_look_into() {
    let mut demo = Demo::start();
    for _ in 0..5 {
        assert_eq!(demo.user("regulator_national").search(&json!({})).status, 200);
        demo.stop();
        let left: Vec<_> = ["registry.db-wal", "registry.db-shm"]
            .into_iter()
            .filter(|name| demo.data_dir().join(name).exists())
            .collect();
        assert!(left.is_empty(), "{left:?}");
        demo.kill_and_restart();
    }
}
