//! The request for a page of records, and the cursor in it.

use crate::AppError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::RecordId;

/// The order of a list. Equal records are ordered by id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// By id, descending: the newest record comes first.
    #[default]
    Newest,
    /// By id, ascending.
    Oldest,
    /// By the field [`Record::SEARCHED`](super::Record::SEARCHED), ignoring letter case and accents.
    Name,
}

impl Sort {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Oldest, Self::Name];

    /// Returns the name of the order in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
        }
    }
}

/// A position in a list: the page starts after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Position {
    /// The id of the last record, in an order by id.
    Id(RecordId),
    /// The key of the last record, in the order by name. The stores define the keys, which end with the id.
    Name(String),
}

/// The unparsed parameters of a list request.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ListQuery {
    /// The words that the searched field must contain.
    pub search: Option<String>,
    /// The name of a [`Sort`].
    pub sort: Option<String>,
    /// The `next` value of the previous page.
    pub after: Option<String>,
    /// The maximum number of records in the page.
    pub limit: Option<String>,
}

/// A valid request for a page. Only [`ListRequest::parse`] creates one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListRequest {
    search: String,
    sort: Sort,
    after: Option<Position>,
    limit: u8,
}

impl ListRequest {
    /// The default page size.
    pub const DEFAULT_LIMIT: u8 = 20;
    /// The maximum page size.
    pub const MAX_LIMIT: u8 = 100;
    /// The maximum length of a search, in characters.
    pub const MAX_SEARCH_CHARS: usize = 120;

    /// Parses the parameters of a request. An empty parameter counts as missing, because forms send it.
    ///
    /// # Errors
    /// 400 for a search that is too long, an unknown order, a limit that is not a number from 1 to 100, and a cursor
    /// that is malformed or belongs to another search or order.
    pub fn parse(query: &ListQuery) -> Result<Self, AppError> {
        let given = |parameter: &Option<String>| parameter.clone().filter(|text| !text.is_empty());
        let search = query.search.as_deref().unwrap_or_default().trim().to_owned();
        if search.chars().count() > Self::MAX_SEARCH_CHARS {
            return Err(AppError::invalid_request("search can have 120 characters at most"));
        }
        let sort = match given(&query.sort).as_deref() {
            None => Sort::default(),
            Some(name) => Sort::ALL
                .into_iter()
                .find(|sort| sort.as_str() == name)
                .ok_or_else(|| AppError::invalid_request("sort must be newest, oldest or name"))?,
        };
        let limit = match given(&query.limit).as_deref() {
            None => Self::DEFAULT_LIMIT,
            Some(text) => match text.parse() {
                Ok(limit @ 1..=Self::MAX_LIMIT) => limit,
                _ => return Err(AppError::invalid_request("limit must be a number from 1 to 100")),
            },
        };
        let mut request = Self { search, sort, after: None, limit };
        request.after = given(&query.after).as_deref().map(|cursor| request.position(cursor)).transpose()?;
        Ok(request)
    }

    /// Returns the search text. It is empty if there is no search.
    #[must_use]
    pub fn search(&self) -> &str {
        &self.search
    }

    /// Returns the order.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Returns the end of the previous page in the order of this list, or `None` for the first page.
    #[must_use]
    pub fn after(&self) -> Option<&Position> {
        self.after.as_ref()
    }

    /// Returns the maximum number of records in the page, from 1 to [`ListRequest::MAX_LIMIT`].
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// Returns the cursor for `position` in this list. It contains order and search, because it is not valid in another
    /// list.
    #[must_use]
    pub fn cursor(&self, position: &Position) -> String {
        let position = match position {
            Position::Id(id) => id.to_string(),
            Position::Name(key) => key.clone(),
        };
        let cursor = serde_json::json!([self.sort.as_str(), self.search, position]);
        URL_SAFE_NO_PAD.encode(cursor.to_string())
    }

    /// Parses a cursor. Any value is safe: it can only choose where this list continues.
    fn position(&self, cursor: &str) -> Result<Position, AppError> {
        let malformed = || AppError::invalid_request("after must be the next of a page");
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
        let (sort, search, position): (String, String, String) =
            serde_json::from_slice(&json).map_err(|_| malformed())?;
        if sort != self.sort.as_str() || search != self.search {
            return Err(AppError::invalid_request("after belongs to a list with another search or sort"));
        }
        // Both kinds of positions end with an id.
        let start = position.len().checked_sub(24).filter(|at| position.is_char_boundary(*at)).ok_or_else(malformed)?;
        let id: RecordId = position[start..].parse().map_err(|_| malformed())?;
        match self.sort {
            Sort::Newest | Sort::Oldest if start == 0 => Ok(Position::Id(id)),
            Sort::Name => Ok(Position::Name(position)),
            _ => Err(malformed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(search: &str, sort: &str) -> ListQuery {
        ListQuery { search: Some(search.into()), sort: Some(sort.into()), ..ListQuery::default() }
    }

    fn with_cursor(search: &str, sort: &str, cursor: &str) -> Result<ListRequest, AppError> {
        ListRequest::parse(&ListQuery { after: Some(cursor.into()), ..query(search, sort) })
    }

    #[test]
    fn page_has_1_to_100_records() {
        let limited =
            |limit: &str| ListRequest::parse(&ListQuery { limit: Some(limit.into()), ..ListQuery::default() });
        assert_eq!(ListRequest::parse(&ListQuery::default()).expect("defaults").limit(), 20);
        assert_eq!(limited("1").expect("least").limit(), 1);
        assert_eq!(limited("100").expect("most").limit(), 100);
        assert_eq!(limited("").expect("as if it were missing").limit(), 20);
        for bad in ["0", "101", "256", "-1", "ten", " "] {
            assert_eq!(limited(bad).expect_err(bad).status, 400, "{bad:?}");
        }
    }

    #[test]
    fn sort_is_one_of_three_orders_and_newest_by_default() {
        assert_eq!(ListRequest::parse(&ListQuery::default()).expect("defaults").sort(), Sort::Newest);
        for sort in Sort::ALL {
            assert_eq!(ListRequest::parse(&query("", sort.as_str())).expect("an order").sort(), sort);
        }
        assert_eq!(ListRequest::parse(&query("", "")).expect("as if it were missing").sort(), Sort::Newest);
        for bad in [" ", "Name", "price"] {
            assert_eq!(ListRequest::parse(&query("", bad)).expect_err(bad).status, 400, "{bad:?}");
        }
    }

    #[test]
    fn search_has_at_most_120_characters() {
        assert!(ListRequest::parse(&query(&"\u{e9}".repeat(120), "name")).is_ok());
        assert_eq!(ListRequest::parse(&query(&"x".repeat(121), "name")).expect_err("too long").status, 400);
    }

    #[test]
    fn cursor_is_read_back_to_its_position() {
        let by_name = Position::Name("stra\u{df}e\u{1}65f0c0ffee0123456789abcd".into());
        for (sort, position) in [
            ("newest", Position::Id(RecordId([7; 12]))),
            ("oldest", Position::Id(RecordId([0; 12]))),
            ("name", by_name),
        ] {
            let cursor = ListRequest::parse(&query("a b", sort)).expect("right").cursor(&position);
            let request = with_cursor(" a b ", sort, &cursor).expect("the same list");
            assert_eq!(request.after(), Some(&position));
        }
    }

    #[test]
    fn cursor_of_another_list_is_rejected() {
        let cursor =
            ListRequest::parse(&query("lamp", "newest")).expect("right").cursor(&Position::Id(RecordId([7; 12])));
        assert!(with_cursor("lamp", "newest", &cursor).is_ok());
        for (search, sort) in [("lamp", "oldest"), ("lamp", "name"), ("", "newest"), ("lam", "newest")] {
            assert_eq!(with_cursor(search, sort, &cursor).expect_err(sort).status, 400, "{search} {sort}");
        }
    }

    #[test]
    fn malformed_cursor_is_rejected() {
        let made = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for bad in [
            " ".into(),
            "x".into(),
            "65f0c0ffee0123456789abcd".into(),
            made("{}"),
            made(r#"["newest",""]"#),
            made(r#"["newest","",7]"#),
            made(r#"["newest","","65f0c0ffee0123456789abcg"]"#),
            made(r#"["newest","","x65f0c0ffee0123456789abcd"]"#),
            made(r#"["newest","","65f0c0ffee0123456789abcd",1]"#),
            made(&format!(r#"["newest","","{}"]"#, "\u{20ac}".repeat(9))),
        ] {
            assert_eq!(with_cursor("", "newest", &bad).expect_err(&bad).status, 400, "{bad:?}");
        }
        assert_eq!(with_cursor("", "name", &made(r#"["name","","lamp"]"#)).expect_err("no id").status, 400);
    }
}
