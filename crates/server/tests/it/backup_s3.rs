//! Backups in a store that speaks S3 and checks the signatures of requests.

use crate::{backup::line, demo::Demo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use serde_json::{Value, json};
use std::{path::Path, process::Output};
use tokio::{net::TcpListener, runtime::Runtime};

const BUCKET: &str = "registry";

/// Serves the folder on a private port for as long as the runtime lives; returns the address.
fn serve(runtime: &Runtime, folder: &Path) -> String {
    std::fs::create_dir(folder.join(BUCKET)).unwrap();
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    service.set_auth(SimpleAuth::from_single("operator", "the right secret"));
    let service = service.build();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let connections = Builder::new(TokioExecutor::new());
                // A client that has gone away is its own business.
                let _ended = connections.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

fn anzheng(address: &str, secret: &str, arguments: &[&str]) -> Output {
    crate::demo::anzheng()
        .args(arguments)
        .envs([("AWS_ACCESS_KEY_ID", "operator"), ("AWS_SECRET_ACCESS_KEY", secret)])
        .envs([("AWS_ENDPOINT", address), ("AWS_ALLOW_HTTP", "true"), ("AWS_REGION", "cn-north-1")])
        .output()
        .unwrap()
}

fn passed(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    line(output)
}

#[test]
fn a_store_that_speaks_s3_keeps_backups_as_a_folder_does() {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = serve(&runtime, folder.path());
    let demo = Demo::start();
    let data = demo.data_dir();
    let data = data.to_str().unwrap();
    let place = format!("s3://{BUCKET}/anzheng/daily");
    let run = ["backup", "run", "--json", "--to", &place, "--data-dir", data];

    let refused = anzheng(&address, "a wrong secret", &run);
    assert_eq!((refused.status.code(), &line(&refused)["refused"]), (Some(2), &json!("place_unavailable")));
    let first = passed(&anzheng(&address, "the right secret", &run));
    let second = passed(&anzheng(&address, "the right secret", &run));
    assert!(second["new_bytes"].as_u64().unwrap() * 2 < first["new_bytes"].as_u64().unwrap(), "{second}");
    let third = passed(&anzheng(&address, "the right secret", &run));

    let prune = ["backup", "prune", "--json", "--from", &place, "--keep", "2", "--data-dir", data];
    let pruned = passed(&anzheng(&address, "the right secret", &prune));
    assert_eq!(pruned["backups"], json!([first["backup"]]));
    let drill = ["backup", "drill", "--json", "--from", &place, "--data-dir", data];
    let proof = passed(&anzheng(&address, "the right secret", &drill));
    assert_eq!((&proof["restored"]["backup"], &proof["passed"]), (&third["backup"], &json!(true)));
}
