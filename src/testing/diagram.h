#pragma once

#include <tidings/testing/verdict.h>

#include "testing/story.h"

#include <string>
#include <vector>

namespace tidings::sim {

/// Returns what happened as a sequence diagram for the terminal: participants as columns, time on
/// the left, what each line is on the right.
std::string draw_text(const std::vector<Happening>& happenings);

/// Returns a page with the verdict and the diagram as SVG, which needs nothing else.
std::string draw_html(const Verdict& verdict, const std::vector<Happening>& happenings);

/// Returns the same with one event after the other between the same two as one.
std::vector<Happening> fold(const std::vector<Happening>& happenings);

/// Returns who takes part, in the order of appearance, the client first.
std::vector<std::string> participants_of(const std::vector<Happening>& happenings);

}  // namespace tidings::sim
