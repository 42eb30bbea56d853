#pragma once
// Where a document can go: its steps and the ways between them, for whoever draws or explains it. Pure functions.

#include <string>
#include <vector>

#include "runbook/document.h"

namespace aright::runbook {

struct Way {
  enum class Kind { next, choice, otherwise, failure, cancel };
  Kind kind = Kind::next;
  std::string to;   // a step of the same list; "": the list's end
  std::string why;  // of a choice: its condition in words
};

std::string_view name(Way::Kind kind);  // as it is spelled

struct Stop {
  const Step* step = nullptr;
  std::vector<Way> ways;
  std::vector<Stop> inner;  // of aws:loop
};

// In the document's order. The document must outlive it. onFailure and onCancel are ways only where they name a step.
std::vector<Stop> flow_of(const Document& document);

// What a step is about, in a few words: ec2:DescribeInstances, the document it starts, PT5M. "" when it says nothing.
std::string subject_of(const Step& step);

// A condition of aws:branch or aws:loop in words: Look.Status = running and not …
std::string in_words(const json::Value& condition);

}  // namespace aright::runbook
