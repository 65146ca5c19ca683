//! What becomes of a new connection when there are as many as there may be.

use super::*;

#[tokio::test(start_paused = true)]
async fn connection_beyond_the_cap_has_one_request() {
    let acceptor = TimedAcceptor::new(ConnectionLimits { max_connections: 1, ..ConnectionLimits::default() });
    let head = HEAD.replace("GET /", "GET /cap");
    let mut regular = connect_by(&acceptor, 65_536);
    ask(&mut regular).await;
    regular.write_all(b"G").await.expect("open");
    sleep(Duration::from_secs(1)).await;
    let mut spare = connect_by(&acceptor, 65_536);
    spare.write_all(head.as_bytes()).await.expect("open");
    let mut answer = String::new();
    spare.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.contains("Some(BeyondCap { has_room: true })") && answer.contains("connection: close"), "{answer}");
    drop(regular);
    sleep(Duration::from_secs(1)).await;
    ask(&mut connect_by(&acceptor, 65_536)).await;
}

#[tokio::test(start_paused = true)]
async fn connection_idle_for_longest_makes_room() {
    let acceptor = TimedAcceptor::new(ConnectionLimits { max_connections: 2, ..ConnectionLimits::default() });
    let (mut often, mut once) = (connect_by(&acceptor, 65_536), connect_by(&acceptor, 65_536));
    for client in [&mut once, &mut often] {
        sleep(Duration::from_secs(1)).await;
        ask(client).await;
    }
    let mut newest = connect_by(&acceptor, 65_536);
    ask(&mut newest).await;
    assert_eq!(seconds_until_closed(&mut once).await, 0);
    for _ in 0..3 {
        sleep(Duration::from_secs(1)).await;
        ask(&mut often).await;
        ask(&mut newest).await;
    }
}

#[tokio::test(start_paused = true)]
async fn connection_that_is_answered_makes_no_room() {
    let acceptor = TimedAcceptor::new(ConnectionLimits { max_connections: 2, ..ConnectionLimits::default() });
    // One whose response is not made yet, and one whose response is not read yet.
    let (mut slow, mut large) = (connect_by(&acceptor, 65_536), connect_by(&acceptor, 4096));
    ask(&mut slow).await;
    slow.write_all(HEAD.replace("GET /", "GET /slow").as_bytes()).await.expect("open");
    large.write_all(HEAD.replace("GET /", "GET /large").as_bytes()).await.expect("open");
    sleep(Duration::from_secs(1)).await;
    let mut newest = connect_by(&acceptor, 65_536);
    newest.write_all(HEAD.replace("GET /", "GET /cap").as_bytes()).await.expect("open");
    let mut answer = String::new();
    newest.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.contains("BeyondCap"), "{answer}");
    let mut body = vec![0; LARGE];
    large.read_exact(&mut body).await.expect("it is still sent");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("text");
    assert_eq!(answer.matches("frame").count(), 50, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn connection_silent_beyond_the_cap_is_closed_at_2_s() {
    let acceptor = TimedAcceptor::new(ConnectionLimits { max_connections: 0, ..ConnectionLimits::default() });
    assert_eq!(seconds_until_closed(&mut connect_by(&acceptor, 65_536)).await, SPARE_READ_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn connections_beyond_the_cap_do_not_pile_up() {
    let acceptor = TimedAcceptor::new(ConnectionLimits { max_connections: 0, ..ConnectionLimits::default() });
    let mut silent: Vec<_> = (0..SPARE_CONNECTIONS * 3).map(|_| connect_by(&acceptor, 4096)).collect();
    let mut newest = silent.pop().expect("a connection");
    newest.write_all(HEAD.as_bytes()).await.expect("open");
    let mut answer = String::new();
    newest.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut open = 0;
    for client in &mut silent {
        open += usize::from(client.write_all(b"G").await.is_ok());
    }
    assert!(open <= SPARE_CONNECTIONS, "{open}");
}
