// What an API is of another protocol for: WebSocket APIs are reached otherwise.
#include "sandbox/hook.h"

namespace aright::sandbox::apigatewayv2_hooks {

namespace {

Result<> finish_create(Scene& scene, json::Object& output) {
  auto& api = scene.world.edit(scene.created.front());
  if (scene.text("ProtocolType") == "WEBSOCKET")
    api.record["ApiEndpoint"] =
        fmt::format("wss://{}.execute-api.{}.amazonaws.com", api.ref.id, scene.call.region);
  else if (api.aspect("RouteSelectionExpression").is_null())
    api.set("RouteSelectionExpression", "${request.method} ${request.path}");
  output = scene.shown(api);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("apigatewayv2:CreateApi", finish_create);
}

}  // namespace aright::sandbox::apigatewayv2_hooks
