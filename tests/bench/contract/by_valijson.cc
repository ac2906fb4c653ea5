// valijson over RapidJSON: the same schema, walked at run time. It does not look at `format`; the
// patterns beside it say what money is, and an order id may be any text.
#include <tidings/contract/contract.h>

#include "order_bench.h"

#include <contracts/all.h>
#include <rapidjson/document.h>
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace order_bench {
namespace {

using valijson::adapters::RapidJsonAdapter;

/// The contract's own schema, as the data directory carries it.
void load(valijson::Schema& schema) {
    const auto contracts = tidings::parse_bundle(shop::contracts_json()).value();
    rapidjson::Document document;
    document.Parse(contracts.find("order.created", 1)->data.json().c_str());
    valijson::SchemaParser parser;
    parser.populateSchema(RapidJsonAdapter{document}, schema);
}

void check_text_valijson(benchmark::State& state) {
    valijson::Schema schema;
    load(schema);
    valijson::Validator validator;  // It keeps the regular expressions that it has made.
    measure_read(state, [&](std::string_view text, Created& read_order) {
        rapidjson::Document document;
        document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
        read_order = order(state.range(0));
        return !document.HasParseError() &&
               validator.validate(schema, RapidJsonAdapter{document}, nullptr);
    });
}
BENCHMARK(check_text_valijson)->Apply(sizes);

void check_read_valijson(benchmark::State& state) {
    valijson::Schema schema;
    load(schema);
    rapidjson::Document document;
    document.Parse(order_text(state.range(0)).c_str());
    valijson::Validator validator;
    for (auto _ : state) {
        if (!validator.validate(schema, RapidJsonAdapter{document}, nullptr)) {
            return state.SkipWithError("it refuses what keeps the contract");
        }
    }
}
BENCHMARK(check_read_valijson)->Apply(sizes);

}  // namespace
}  // namespace order_bench
