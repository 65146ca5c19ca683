//! Which JSON is read as an object.

use super::*;

fn is_read(json: &str) -> bool {
    Object::read(json.as_bytes()).is_some()
}

#[test]
fn json_object_finds_members_by_name() {
    let object = Object::read(br#"{"b": "\u0062", "a": [1, -2.5, true, null], "c": {}}"#).expect("an object");
    assert_eq!(object.get("b").and_then(Value::as_text), Some("b"));
    let list = vec![Value::Number(1.0), Value::Number(-2.5), Value::Bool, Value::Null];
    assert_eq!(object.get("a"), Some(&Value::List(list)));
    assert_eq!(object.get("d"), None);
}

#[test]
fn json_rejects_duplicate_members_at_every_depth() {
    for bad in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":[{"b":1,"b":2}]}"#,
    ] {
        assert_eq!(Object::parse(bad.as_bytes()), Err(ObjectError::Duplicate), "{bad}");
    }
    for malformed in [r#"{"duplicate member":"#, r#"{"a":1,"a":2"#, r#"["duplicate member"]"#, "\"a"] {
        assert_eq!(Object::parse(malformed.as_bytes()), Err(ObjectError::Malformed), "{malformed}");
    }
    assert!(is_read(r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#));
    for number in [FEW - 1, FEW, FEW + 1, 500] {
        let mut members: Vec<String> = (0..number).map(|n| format!(r#""{n}":0"#)).collect();
        assert!(is_read(&format!("{{{}}}", members.join(","))), "{number}");
        members.push(r#""7":1"#.into());
        assert!(!is_read(&format!("{{{}}}", members.join(","))), "{number} and a twin");
    }
}

#[test]
fn json_empty_values_allocate_nothing() {
    let object = Object::read(br#"{"a":[{},[],{}]}"#).expect("an object");
    let Some(Value::List(list)) = object.get("a") else { panic!("a list") };
    for value in list {
        match value {
            Value::Object(Object(members)) => assert_eq!(members.capacity(), 0),
            Value::List(values) => assert_eq!(values.capacity(), 0),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn json_reads_complete_objects_only() {
    assert!(is_read(" {} \n"));
    for bad in ["", "[]", "1", "\"a\"", "null", "{", "{}x", "{}{}", "{\"a\":NaN}", "{\"a\":1e999}", "\u{feff}{}"] {
        assert!(!is_read(bad), "{bad}");
    }
    assert!(Object::read(b"{\"a\":\"\xff\"}").is_none());
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(!is_read(&deep), "no depth exhausts the stack");
}
