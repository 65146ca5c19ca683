//! The matrix as a picture: a row for each way, a column for each attack, the reason of each field as its title.

use maud::{Markup, html};

use super::super::Report;
use super::class;
use crate::audit::verdict::{Cell, Outcome};
use crate::audit::ways::{Group, Way};

/// Returns the section with the matrix and its legend.
pub fn matrix(report: &Report) -> Markup {
    let families = report.families();
    let width = 1 + families.len() + report.attacks.len();
    let rows = |group| report.ways.iter().zip(&report.cells).filter(move |(way, _)| way.group == group);
    html! {
        section class="matrix" {
            h2 { "Every way, by every attack" }
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
                            @for (way, cells) in rows(group) {
                                tr {
                                    (row_head(way))
                                    @for (_, columns) in &families {
                                        td class="gap" {}
                                        @for column in columns {
                                            (field(&cells[*column], &way.name(), &report.attacks[*column].1))
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

fn row_head(way: &Way) -> Markup {
    let scopes = way.scopes();
    html! {
        th scope="row" title={ "Who may call it: " (way.who()) } {
            code { i { (way.method) } " " (way.path) }
            @if !scopes.is_empty() { small { (scopes) } }
        }
    }
}

fn field(cell: &Cell, way: &str, attack: &str) -> Markup {
    html! {
        td class=(class(cell.outcome)) title={ (way) " · " (attack) ": " (cell.outcome.title()) " (" (cell.why) ")" } {
            (cell.outcome.symbol())
        }
    }
}
