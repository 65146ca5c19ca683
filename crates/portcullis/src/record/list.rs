//! The request for a page of records, and the cursor in it.

use crate::AppError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::RecordId;

/// The order of a list. Records of the same place in it are in the order of their ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// By id, downwards: what was created last comes first.
    #[default]
    Newest,
    /// By id, upwards.
    Oldest,
    /// By the field that is searched ([`Record::SEARCHED`](super::Record::SEARCHED)), without regard to letter case and
    /// accents.
    Name,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Oldest, Self::Name];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
        }
    }
}

/// A place in a list: everything up to and including it has been seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Position {
    /// At this id, in an order by id.
    Id(RecordId),
    /// At this key, in the order by name. The stores define the keys, which end with the id.
    Name(String),
}

/// The parameters of a list as they come in.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ListQuery {
    /// Words that the searched field must have.
    pub search: Option<String>,
    /// The name of a [`Sort`].
    pub sort: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many records the page holds at most.
    pub limit: Option<String>,
}

/// A request for a page that was found to be right. Only [`ListRequest::parse`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListRequest {
    search: String,
    sort: Sort,
    after: Option<Position>,
    limit: u8,
}

impl ListRequest {
    /// The page size where none is asked for.
    pub const USUAL: u8 = 20;
    /// The largest page size.
    pub const MOST: u8 = 100;
    /// The longest search, in characters.
    pub const LONGEST_SEARCH: usize = 120;

    /// Reads the parameters of a request. One that is empty counts as missing, as a form sends it.
    ///
    /// # Errors
    /// 400 for a search that is too long, an order that there is not, a limit that is no number from 1 to 100, and a
    /// cursor that is malformed or was made for another search or order.
    pub fn parse(query: &ListQuery) -> Result<Self, AppError> {
        let given = |parameter: &Option<String>| parameter.clone().filter(|text| !text.is_empty());
        let search = query.search.as_deref().unwrap_or_default().trim().to_owned();
        if search.chars().count() > Self::LONGEST_SEARCH {
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
            None => Self::USUAL,
            Some(text) => match text.parse() {
                Ok(limit @ 1..=Self::MOST) => limit,
                _ => return Err(AppError::invalid_request("limit must be a number from 1 to 100")),
            },
        };
        let mut request = Self { search, sort, after: None, limit };
        request.after = given(&query.after).as_deref().map(|cursor| request.position(cursor)).transpose()?;
        Ok(request)
    }

    /// What is searched for; empty for everything.
    #[must_use]
    pub fn search(&self) -> &str {
        &self.search
    }

    /// The order.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Where the page before ended; none for the first page. Of the kind that the order has.
    #[must_use]
    pub fn after(&self) -> Option<&Position> {
        self.after.as_ref()
    }

    /// How many records the page holds at most, 1 to [`ListRequest::MOST`].
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// The cursor of `position` in this list: order and search stand in it too, since it means nothing in another.
    #[must_use]
    pub fn cursor(&self, position: &Position) -> String {
        let position = match position {
            Position::Id(id) => id.to_string(),
            Position::Name(key) => key.clone(),
        };
        let cursor = serde_json::json!([self.sort.as_str(), self.search, position]);
        URL_SAFE_NO_PAD.encode(cursor.to_string())
    }

    /// The position that `cursor` stands for. Whatever it says, it can only choose where this list goes on.
    fn position(&self, cursor: &str) -> Result<Position, AppError> {
        let malformed = || AppError::invalid_request("after must be the next of a page");
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
        let (sort, search, position): (String, String, String) =
            serde_json::from_slice(&json).map_err(|_| malformed())?;
        if sort != self.sort.as_str() || search != self.search {
            return Err(AppError::invalid_request("after belongs to a list with another search or sort"));
        }
        // Both kinds end with an id.
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
