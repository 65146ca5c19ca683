//! The matrix as a picture: a row for each route, a column for each attack, the reason of each cell as its title.

use maud::{Markup, html};

use super::super::Report;
use super::class;
use crate::audit::outcome::Outcome;
use crate::audit::routes::{Group, Route};
use crate::audit::verdict::Cell;

/// Returns the section with the matrix and its legend.
pub fn matrix(report: &Report) -> Markup {
    let families = report.families();
    let width = 1 + families.len() + report.attacks.len();
    let rows = |group| report.routes.iter().zip(&report.cells).filter(move |(route, _)| route.group == group);
    html! {
        section class="matrix" {
            h2 { "Every route by every attack" }
            div class="scroll" {
                table {
                    thead {
                        tr {
                            td {}
                            @for (family, columns) in &families {
                                th class="family" { span { (family.title()) } }
                                @for column in columns {
                                    th scope="col" { span { (report.attacks[*column].1) } }
                                }
                            }
                        }
                    }
                    @for group in Group::ALL.into_iter().filter(|group| rows(*group).next().is_some()) {
                        tbody {
                            tr class="group" { th colspan=(width) { span { (group.title()) } } }
                            @for (route, cells) in rows(group) {
                                tr {
                                    (row_head(route))
                                    @for (_, columns) in &families {
                                        td class="gap" {}
                                        @for column in columns {
                                            (cell(&cells[*column], &route.name(), &report.attacks[*column].1))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            ul class="legend" {
                @for outcome in Outcome::ALL.iter().rev() {
                    li {
                        span class={ "key " (class(*outcome)) } aria-hidden="true" { (outcome.symbol()) }
                        (outcome.title())
                    }
                }
            }
        }
    }
}

fn row_head(route: &Route) -> Markup {
    let scopes = route.scopes();
    html! {
        th scope="row" title={ "Who may call it: " (route.who()) } {
            code { i { (route.method) } " " (route.path) }
            @if !scopes.is_empty() { small { (scopes) } }
        }
    }
}

fn cell(cell: &Cell, route: &str, attack: &str) -> Markup {
    html! {
        td class=(class(cell.outcome)) title={ (route) " · " (attack) ": " (cell.outcome.title()) " (" (cell.why) ")" } {
            (cell.outcome.symbol())
        }
    }
}
