//! The socket: plain HTTP or TLS 1.3, many connections, and a stop that fails no request.

use crate::http::Site;
use anyhow::Context;
use axum::body::Body;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
};
use listenfd::ListenFd;
use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_rustls::TlsAcceptor;

const BACKLOG: u32 = 16_384;
/// A peer that does not finish its header in this time is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// On a stop, how long a connection kept alive may still bring the request that was on its way. Its
/// answer asks the caller to close; a connection closed from here could cut off a request.
const LAST_REQUESTS: Duration = Duration::from_millis(500);

/// Where callers come in.
pub struct Entrance {
    listener: TcpListener,
    /// Somebody else holds the socket too: whoever comes after this process has stopped waits in its
    /// queue for the next one.
    outlives_process: bool,
}

impl Entrance {
    /// Takes the socket that a supervisor has handed down (`LISTEN_FDS`, as systemd does), or else
    /// binds the address.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        match ListenFd::from_env().take_tcp_listener(0)? {
            Some(socket) => {
                socket.set_nonblocking(true)?;
                Ok(Self { listener: TcpListener::from_std(socket)?, outlives_process: true })
            }
            None => Ok(Self { listener: bind(address)?, outlives_process: false }),
        }
    }

    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| format!("cannot listen on {address}"))?;
    Ok(socket.listen(BACKLOG)?)
}

/// Serves until `stop` completes, then lets running requests finish within `drain`.
pub async fn serve(
    entrance: Entrance,
    site: Site,
    tls: Option<Arc<rustls::ServerConfig>>,
    stop: impl Future<Output = ()>,
    drain: Duration,
) {
    let Entrance { listener, outlives_process } = entrance;
    let acceptor = tls.map(TlsAcceptor::from);
    let graceful = GracefulShutdown::new();
    let welcome = |stream, peer| {
        let (site, watcher) = (site.clone(), graceful.watcher());
        tokio::spawn(Connection { site, peer, watcher }.run(stream, acceptor.clone()));
    };
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => welcome(stream, peer),
            Err(error) => {
                // Out of descriptors: give those in use a moment to come back.
                tracing::warn!(error = %error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Those in the queue have been told that they are connected.
    while !outlives_process && let Some((stream, peer)) = next_waiting(&listener).await {
        welcome(stream, peer);
    }
    drop(listener);
    site.stop();
    let all_closed = async {
        while graceful.count() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // Those that are silent all this time are idle.
    let _closed_or_idle = tokio::time::timeout(LAST_REQUESTS, all_closed).await;
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// A caller in the queue of the socket, if there is one.
async fn next_waiting(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    std::future::poll_fn(|context| match listener.poll_accept(context) {
        Poll::Ready(Ok(accepted)) => Poll::Ready(Some(accepted)),
        Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
    })
    .await
}

struct Connection {
    site: Site,
    peer: SocketAddr,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        match acceptor {
            None => self.http(stream).await,
            Some(acceptor) => {
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await
                {
                    self.http(stream).await;
                }
            }
        }
    }

    async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let Self { site, peer, watcher } = self;
        let heard = Arc::new(AtomicBool::new(false));
        let hears = heard.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            hears.store(true, Ordering::Relaxed);
            let site = site.clone();
            async move { Ok::<_, std::convert::Infallible>(site.answer(request.map(Body::new), peer).await) }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
        builder.http2().timer(TokioTimer::new());
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let mut watched = pin!(watcher.watch(connection));
        // The timeout of headers begins only when it is known which protocol is spoken.
        let silent = tokio::time::timeout(HEADER_TIMEOUT, &mut watched).await;
        let ended = match silent {
            Ok(ended) => ended,
            Err(_) if heard.load(Ordering::Relaxed) => watched.await,
            Err(_) => return,
        };
        if let Err(error) = ended {
            tracing::debug!(error = %error, "connection ended early");
        }
    }
}
