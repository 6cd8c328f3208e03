//! A door in front of an emulator. A server that sends an answer in two pieces and closes the
//! connection at once makes Go's HTTP client lose about one answer in two hundred on a busy
//! machine; Terraform then asks again, and what it asked to be made is made twice. Here an answer
//! is read to its end and passed on in one piece. One call is answered here, as moto does not know it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(600);

/// Opens a door to `emulator` for as long as this process lives.
pub fn open(emulator: SocketAddr) -> io::Result<SocketAddr> {
    let door = TcpListener::bind(("127.0.0.1", 0))?;
    let address = door.local_addr()?;
    thread::spawn(move || {
        for client in door.incoming().flatten() {
            // A failure closes the connection, which is all that a client can be told.
            thread::spawn(move || pass(client, emulator));
        }
    });
    Ok(address)
}

/// One request and its answer, or, where a request has no plain length, all that is said.
fn pass(mut client: TcpStream, emulator: SocketAddr) -> io::Result<()> {
    client.set_read_timeout(Some(LIMIT))?;
    let mut request = Vec::new();
    let Some(head) = head(&mut client, &mut request)? else { return Ok(()) };
    let mut server = TcpStream::connect(emulator)?;
    server.set_read_timeout(Some(LIMIT))?;
    let lower = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    if lower.contains("\r\nexpect:") || lower.contains("\r\ntransfer-encoding:") {
        server.write_all(&request)?;
        return tunnel(&client, &server);
    }
    let unknown = lower.contains(COST_TAGS);
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    fill(&mut client, &mut request, head + length)?;
    if unknown {
        return client.write_all(not_in_a_bill().as_bytes());
    }
    server.write_all(&closing(&request, head))?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    client.write_all(&answer)
}

/// The call that activates tags for the bill, which moto does not know.
const COST_TAGS: &str =
    "\r\nx-amz-target: awsinsightsindexservice.updatecostallocationtagsstatus\r\n";

/// What AWS says of a tag on the day of its first use: no failure, but an error for the tag. Source:
/// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateCostAllocationTagsStatus.html>.
fn not_in_a_bill() -> String {
    let errors =
        r#"{"Errors":[{"Code":"TagKeysNotFoundException","Message":"Tag keys not found"}]}"#;
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{errors}",
        errors.len()
    )
}

/// Reads until a head is complete: where it ends, or nothing if the client went away.
fn head(client: &mut TcpStream, request: &mut Vec<u8>) -> io::Result<Option<usize>> {
    loop {
        if let Some(at) = request.windows(4).position(|part| part == b"\r\n\r\n") {
            return Ok(Some(at + 4));
        }
        let before = request.len();
        fill(client, request, before + 1)?;
        if request.len() == before {
            return Ok(None);
        }
    }
}

/// Reads until there are `wanted` bytes or no more come.
fn fill(client: &mut TcpStream, request: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    while request.len() < wanted {
        match client.read(&mut piece)? {
            0 => break,
            count => request.extend_from_slice(&piece[..count]),
        }
    }
    Ok(())
}

/// The same request, asking for the connection to be closed after the answer.
fn closing(request: &[u8], head: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(&request[..head - 4]).into_owned();
    let kept =
        text.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut out = kept.collect::<Vec<_>>().join("\r\n").into_bytes();
    out.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
    out.extend_from_slice(&request[head..]);
    out
}

fn tunnel(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    let (mut from, mut to) = (server, client);
    io::copy(&mut from, &mut to)?;
    client.shutdown(std::net::Shutdown::Both)
}
