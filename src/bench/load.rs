//! Load over HTTP: connections that each send the next request when the last was answered.

use super::BenchError;
use super::figures::micros;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Makes the text of the next request; `None` when there are no more.
pub type Next = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What is sent where.
#[derive(Clone)]
pub struct Load {
    pub address: String,
    pub next: Next,
    /// The status that every answer must have.
    pub status: u16,
    /// What stands in every answer's body.
    pub holds: &'static str,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Loaded {
    pub answers: u64,
    pub time: Duration,
    /// Of each answer, in microseconds.
    pub latencies: Vec<u64>,
}

impl Load {
    /// Sends for so long over so many connections, or until there are no more requests.
    pub async fn run(&self, connections: u64, time: Duration) -> Result<Loaded, BenchError> {
        let begun = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let load = self.clone();
            tasks.spawn(async move { load.connection(begun + time).await });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies.extend(done??);
        }
        Ok(Loaded { answers: latencies.len() as u64, time: begun.elapsed(), latencies })
    }

    async fn connection(&self, until: Instant) -> Result<Vec<u64>, BenchError> {
        let mut stream = self.connect().await?;
        let (mut answer, mut latencies) = (Vec::new(), Vec::new());
        while Instant::now() < until {
            let Some(request) = (self.next)() else { break };
            let begun = Instant::now();
            let body = self.exchange(&mut stream, (&request, &mut answer)).await?;
            latencies.push(micros(begun.elapsed()));
            let holds = String::from_utf8_lossy(&answer[body..]).contains(self.holds);
            if !holds || !answer.starts_with(format!("HTTP/1.1 {} ", self.status).as_bytes()) {
                return Err(BenchError(format!("the server answered {}", String::from_utf8_lossy(&answer))));
            }
        }
        Ok(latencies)
    }

    pub async fn connect(&self) -> Result<TcpStream, BenchError> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends one request and reads its answer; where the body begins.
    pub async fn exchange(
        &self,
        stream: &mut TcpStream,
        (request, answer): (&str, &mut Vec<u8>),
    ) -> Result<usize, BenchError> {
        stream.write_all(request.as_bytes()).await?;
        read_answer(stream, answer).await
    }

    /// One request, and the body of its answer.
    pub async fn once(&self) -> Result<Vec<u8>, BenchError> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let mut answer = Vec::new();
        let request = (self.next)().ok_or_else(|| BenchError("there is no request".to_owned()))?;
        let body = self.exchange(&mut stream, (&request, &mut answer)).await?;
        Ok(answer.split_off(body))
    }
}

/// Reads one answer to its end; where its body begins.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<usize, BenchError> {
    answer.clear();
    let mut ends = None;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(BenchError("the server hung up".to_owned()));
        }
        if ends.is_none() {
            ends = head(answer)?;
        }
        if let Some((body, end)) = ends
            && answer.len() >= end
        {
            return Ok(body);
        }
    }
}

/// Where the body begins and ends, once the whole head is there.
fn head(answer: &[u8]) -> Result<Option<(usize, usize)>, BenchError> {
    let Some(at) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&answer[..at]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let length = length.ok_or_else(|| BenchError(format!("an answer without a length: {text}")))?;
    Ok(Some((at + 4, at + 4 + length)))
}
