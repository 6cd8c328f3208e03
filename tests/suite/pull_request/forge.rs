//! A forge on loopback: it keeps comments and speaks the few calls of GitHub's and GitLab's APIs that
//! the shell parts make, as they are documented; anything else is refused and remembered.
//! Sources: <https://docs.github.com/en/rest/issues/comments>, <https://docs.github.com/en/graphql>,
//! <https://docs.gitlab.com/api/notes/#merge-requests>.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

/// The token that it takes.
pub const TOKEN: &str = "a-token";

/// Who that token is of.
pub const ME: &str = "github-actions[bot]";

/// The number of the same on GitLab.
const MY_NUMBER: u64 = 42;

/// A comment: who wrote it, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub author: String,
    pub body: String,
}

#[derive(Default)]
struct State {
    comments: Vec<Comment>,
    calls: Vec<String>,
    broken: bool,
}

/// The forge.
pub struct Forge {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Forge {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &mut shared.lock().expect("nobody panics with it"));
            }
        });
        Forge { url, state }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    pub fn comments(&self) -> Vec<Comment> {
        self.state().comments.clone()
    }

    /// What was called since the last time, without the numbers of pages.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    /// Somebody else's comment.
    pub fn says(&self, author: &str, body: &str) {
        let comment = Comment { author: author.to_owned(), body: body.to_owned() };
        self.state().comments.push(comment);
    }

    /// From now on, no list of comments can be read.
    pub fn breaks(&self) {
        self.state().broken = true;
    }
}

fn serve(mut stream: TcpStream, state: &mut State) {
    let Some((head, body)) = request(&stream) else { return };
    let mut words = head[0].split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let has = |line: String| head.iter().any(|other| other.eq_ignore_ascii_case(&line));
    let known =
        has(format!("authorization: bearer {TOKEN}")) || has(format!("private-token: {TOKEN}"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    state.calls.push(format!("{method} {path}"));
    let (code, answer) = if known {
        answer(state, method, path, query, &body)
    } else {
        (401, json!({ "message": "Requires authentication" }))
    };
    let text = answer.to_string();
    let _ = write!(
        stream,
        "HTTP/1.1 {code} x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    );
}

/// The lines of a request's head, and its body.
fn request(stream: &TcpStream) -> Option<(Vec<String>, Value)> {
    let mut reader = BufReader::new(stream);
    let mut head: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            text => head.push(text.to_owned()),
        }
    }
    let value = |name: &str| {
        let line = head.iter().find(|line| line.to_lowercase().starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    if value("expect:").is_some() {
        let mut back = stream;
        back.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length = value("content-length:").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

const GITHUB: &str = "/repos/o/r/issues/7/comments";
const GITHUB_ONE: &str = "/repos/o/r/issues/comments/";
const GITLAB: &str = "/api/v4/projects/3/merge_requests/7/notes";

fn answer(state: &mut State, method: &str, path: &str, query: &str, body: &Value) -> (u16, Value) {
    let one = [GITHUB_ONE.to_owned(), format!("{GITLAB}/")];
    let one = one.iter().find_map(|head| path.strip_prefix(head.as_str())?.parse::<usize>().ok());
    match (method, path) {
        ("POST", "/graphql") if body["query"].as_str().is_some_and(|q| q.contains("viewer")) => {
            (200, json!({ "data": { "viewer": { "login": ME } } }))
        }
        ("GET", "/api/v4/user") => (200, json!({ "id": MY_NUMBER, "username": "bot" })),
        ("GET", GITHUB | GITLAB) if state.broken => (502, json!({ "message": "Bad gateway" })),
        ("GET", GITHUB | GITLAB) => (200, page(state, query)),
        ("POST", GITHUB | GITLAB) => {
            let comment = Comment { author: ME.to_owned(), body: text(body) };
            state.comments.push(comment);
            (201, json!({ "id": state.comments.len() }))
        }
        ("PATCH" | "PUT", _) => match one.and_then(|id| state.comments.get_mut(id - 1)) {
            Some(comment) => {
                comment.body = text(body);
                (200, json!({}))
            }
            None => (404, json!({ "message": "Not Found" })),
        },
        _ => (404, json!({ "message": "Not Found" })),
    }
}

fn text(body: &Value) -> String {
    body["body"].as_str().expect("a comment has a body").to_owned()
}

/// A page of comments, with what either forge tells of them. A line ends as forges end it.
fn page(state: &State, query: &str) -> Value {
    let number = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (size, page) = (number("per_page").unwrap_or(30), number("page").unwrap_or(1));
    let all = state.comments.iter().enumerate().skip(size * (page - 1)).take(size);
    let one = |(at, comment): (usize, &Comment)| {
        let number = if comment.author == ME { MY_NUMBER } else { 7 };
        json!({
            "id": at + 1,
            "body": comment.body.replace('\n', "\r\n"),
            "user": { "login": comment.author },
            "author": { "id": number },
        })
    };
    all.map(one).collect()
}
