//! A function with AWS's runtime for Rust.

use lambda_runtime::streaming::{channel, Body, Response};
use lambda_runtime::{run, service_fn, tracing, Error, LambdaEvent};
use serde_json::{json, Value};

async fn take_order(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (order, context) = event.into_parts();
    match order["id"].as_str() {
        Some("error") => return Err("a plain error".into()),
        Some("panic") => panic!("a panic"),
        Some("exit") => std::process::exit(3),
        _ => (),
    }
    tracing::info!("order {}", order["id"]);
    Ok(json!({
        "id": order["id"],
        "twice": order["count"].as_i64().unwrap_or(0) * 2,
        "request_id": context.request_id,
        "arn": context.invoked_function_arn,
        "memory": context.env_config.memory,
        "deadline": context.deadline,
    }))
}

async fn stream_parts(event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, receiver) = channel();
    let path = event.payload["rawPath"].as_str().unwrap_or("").to_owned();
    tokio::spawn(async move {
        for i in 0..3 {
            sender.send_data(format!("part {i} of {path}\n").into()).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    Ok(Response::from(receiver))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    match std::env::var("HANDLER").as_deref() {
        Ok("stream") => run(service_fn(stream_parts)).await,
        _ => run(service_fn(take_order)).await,
    }
}
