#pragma once
// The AWS calls that a document can make, step by step, as far as its text tells. Pure functions.

#include <string>
#include <vector>

#include "json/value.h"
#include "runbook/document.h"

namespace aright::runbook {

// What a step with the inputs Service and Api calls. Some of AWS's own documents write SQS for sqs, and deleteObject
// for DeleteObject.
struct NamedCall {
  std::string service;
  std::string operation;  // in PascalCase or snake_case
};
NamedCall named_call(const json::Object& inputs);

struct DocumentCall {
  std::string step, service;
  std::string operation;  // in PascalCase or snake_case
};

struct DocumentCalls {
  std::vector<DocumentCall> calls;  // in the order of the steps, each once in a step
  struct Note {
    std::string step, what;
  };
  std::vector<Note> unknown;        // what the text doesn't tell
  std::vector<std::string> children;  // documents that it starts
};
DocumentCalls calls_of(const Document& document);

}  // namespace aright::runbook
