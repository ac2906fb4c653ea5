#include <tidings/service/service.h>

namespace tidings {

namespace {

constexpr std::string_view suffix = "-service";

std::vector<std::string> own_domain(std::string_view name) {
    if (!name.ends_with(suffix)) return {};
    return {std::string{name.substr(0, name.size() - suffix.size())}};
}

}  // namespace

const std::string& Request::parameter(std::string_view name) const {
    const auto found = parameters.find(name);
    TIDINGS_ASSERT(found != parameters.end());
    return found->second;
}

std::string_view Request::header(std::string_view name) const {
    const auto found = http.headers.find(name);
    return found == http.headers.end() ? std::string_view{} : std::string_view{found->second};
}

Service::Service(std::string name) : Service(std::move(name), 0, nullptr) {}

Service::Service(std::string name, int argc, char** argv)
    : name_(std::move(name)), argc_(argc), argv_(argv), domains_(own_domain(name_)) {}

Service::~Service() = default;

void Service::command(std::string method, std::string path,
                      std::function<Reply(const Request&, Transaction&)> run) {
    add_command(std::move(method), std::move(path),
                [run = std::move(run)](std::string_view) -> Result<Prepared> { return run; });
}

void Service::get(std::string path, std::function<Reply(const Request&, StoreTransaction&)> run) {
    routes_.push_back({"GET", std::move(path), {}, std::move(run)});
}

void Service::add_command(std::string method, std::string path,
                          std::function<Result<Prepared>(std::string_view)> prepare) {
    routes_.push_back({std::move(method), std::move(path), std::move(prepare), {}});
}

SagaRunner& Service::add_saga(const std::shared_ptr<SagaDefinition>& definition) {
    definition->check().value();
    sagas_.push_back(std::make_unique<SagaRunner>(definition));
    bool own = false;
    for (const std::string& domain : domains_) {
        own = own || domain == definition->start.name.domain();
    }
    sagas_.back()->add_to(handlers_, own);
    return *sagas_.back();
}

}  // namespace tidings
