#pragma once
// What single services do otherwise than their protocol says; published with the SDKs, and found
// nowhere in the models. Pure, any thread.

#include <string_view>

#include "json/value.h"
#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

// Before encoding: Route 53's ids lose their "/hostedzone/", Glacier's account defaults to "-", and
// what S3 copies from is percent-encoded.
void adjust_input(const model::Service& service, json::Object& input);
// After decoding on the server: S3's copy source as it was meant.
void restore_input(const model::Service& service, json::Object& input);
// Headers that a service wants with every request.
void finish_request(const model::Service& service, net::Request& request);

// The name in today's model of an error that a service told otherwise when it spoke query: SQS's
// AWS.SimpleQueueService.NonExistentQueue is QueueDoesNotExist. "" for services that never did.
std::string todays_error(const model::Service& service, std::string_view code);

// An operation that on the wire is another one: a newer name for the same, or one that only another
// host answers.
bool is_overshadowed(const model::Service& service, const model::Operation& operation);

// GetBucketLocation's answer is one bare element.
bool is_bare_location(const model::Service& service, const model::Operation& operation);
// The root of an answer in rest-xml, where the model says none.
std::string answer_root(const model::Service& service, const model::Operation& operation);
std::string_view answer_namespace(const model::Service& service);

}  // namespace aright::aws
