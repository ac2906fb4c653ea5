// Made by tidingsc from the platform's contracts. Do not edit.
#include <contracts/all.h>

#include <tidings/model/json.h>
#include <tidings/model/upcast.h>

namespace sample {

namespace {

template <class E>
tidings::Result<std::string> key_of_json(std::string_view data_json) {
    tidings::json::Reader reader{data_json};
    E event;
    static_cast<void>(read_data(reader, event));
    if (auto finished = reader.finish(); !finished) return std::move(finished).error();
    return key_of(event);
}

constexpr std::string_view consumers_0[] = {"parcel-service"};
constexpr tidings::EventType type_0{
    depot::v1::Opened::name, depot::v1::Opened::version, "depot-service", "number", consumers_0,
    key_of_json<depot::v1::Opened>, tidings::upcast_json<depot::v1::Opened>, tidings::downcast_of<depot::v1::Opened>()};
constexpr std::string_view consumers_1[] = {"parcel-service"};
constexpr tidings::EventType type_1{
    depot::v2::Opened::name, depot::v2::Opened::version, "depot-service", "number", consumers_1,
    key_of_json<depot::v2::Opened>, nullptr, tidings::downcast_of<depot::v2::Opened>()};
constexpr std::string_view consumers_2[] = {"depot-service", "billing-service"};
constexpr tidings::EventType type_2{
    parcel::v1::Accepted::name, parcel::v1::Accepted::version, "parcel-service", "parcelId", consumers_2,
    key_of_json<parcel::v1::Accepted>, nullptr, tidings::downcast_of<parcel::v1::Accepted>()};
constexpr tidings::EventType type_3{
    parcel::v1::Lost::name, parcel::v1::Lost::version, "parcel-service", "parcelId", {},
    key_of_json<parcel::v1::Lost>, nullptr, tidings::downcast_of<parcel::v1::Lost>()};
constexpr std::string_view consumers_4[] = {"billing-service"};
constexpr tidings::EventType type_4{
    parcel::v1::Paid::name, parcel::v1::Paid::version, "parcel-service", "parcelId", consumers_4,
    key_of_json<parcel::v1::Paid>, nullptr, tidings::downcast_of<parcel::v1::Paid>()};

}  // namespace

std::span<const tidings::EventType* const> contracts() {
    static constexpr const tidings::EventType* types[] = {
        &type_0,
        &type_1,
        &type_2,
        &type_3,
        &type_4,
    };
    return types;
}

std::string_view contracts_json() {
    return
        "{\"contracts\":[{\"file\":\"depot/opened.v1.yaml\",\"event\":\"depot.opened\",\"version\":\"1"
        ".0.3\",\"owner\":\"depot-service\",\"summary\":\"A depot takes parcels.\",\"published\":\"Wh"
        "en a depot opens for the first time.\",\"expected\":\"Parcels may be routed through "
        "it.\",\"consumers\":[\"parcel-service\"],\"key\":\"number\",\"data\":{\"type\":\"object\",\"requ"
        "ired\":[\"number\"],\"properties\":{\"number\":{\"type\":\"integer\",\"minimum\":1}}},\"exampl"
        "es\":[{\"number\":7}]},{\"file\":\"depot/opened.v2.yaml\",\"event\":\"depot.opened\",\"versi"
        "on\":\"2.0.0\",\"owner\":\"depot-service\",\"summary\":\"A depot takes parcels.\",\"publishe"
        "d\":\"When a depot opens for the first time.\",\"expected\":\"Parcels may be routed th"
        "rough it.\",\"consumers\":[\"parcel-service\"],\"key\":\"number\",\"data\":{\"type\":\"object\""
        ",\"required\":[\"number\",\"city\"],\"properties\":{\"number\":{\"type\":\"integer\",\"minimum\""
        ":1},\"city\":{\"type\":\"string\",\"minLength\":1}}},\"examples\":[{\"number\":7,\"city\":\"Bon"
        "n\"}]},{\"file\":\"parcel/accepted.v1.yaml\",\"event\":\"parcel.accepted\",\"version\":\"1.2"
        ".0\",\"owner\":\"parcel-service\",\"summary\":\"A parcel was handed in.\",\"published\":\"Wh"
        "en a parcel has been weighed at the counter.\",\"expected\":\"The depot plans its to"
        "ur; billing writes an invoice. \\\"Quoted\\\" words and a \\\\ stay what they are.\",\"c"
        "onsumers\":[\"depot-service\",\"billing-service\"],\"key\":\"parcelId\",\"data\":{\"type\":\"o"
        "bject\",\"required\":[\"parcelId\",\"size\",\"price\",\"weight\",\"isFragile\",\"acceptedAt\",\""
        "labels\",\"kind\",\"via\"],\"properties\":{\"parcelId\":{\"type\":\"string\",\"format\":\"uuid\"}"
        ",\"size\":{\"$ref\":\"#/$defs/Size\",\"description\":\"As measured.\"},\"price\":{\"type\":\"st"
        "ring\",\"format\":\"money\",\"pattern\":\"^[0-9]+\\\\.[0-9]{2}$\"},\"discount\":{\"type\":\"stri"
        "ng\",\"format\":\"money\"},\"tip\":{\"type\":\"string\",\"format\":\"money\",\"pattern\":\"^-?[0-9"
        "]{1,3}\\\\.[0-9]{2}$\",\"default\":\"0.50\"},\"weight\":{\"type\":\"number\",\"exclusiveMinimu"
        "m\":0,\"maximum\":31.5},\"isFragile\":{\"type\":\"boolean\"},\"isPaid\":{\"type\":\"boolean\",\""
        "const\":true},\"acceptedAt\":{\"type\":\"string\",\"format\":\"date-time\"},\"dueOn\":{\"type\""
        ":\"string\",\"format\":\"date\"},\"labels\":{\"type\":\"array\",\"maxItems\":4,\"uniqueItems\":t"
        "rue,\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":8}},\"kind\":{\"type\":\"strin"
        "g\",\"enum\":[\"letter\",\"EXPRESS BOX\",\"2x\"],\"default\":\"letter\"},\"lane\":{\"type\":\"inte"
        "ger\",\"enum\":[1,2,3],\"default\":2},\"via\":{\"type\":\"string\",\"const\":\"counter\"},\"emai"
        "l\":{\"type\":[\"string\",\"null\"],\"format\":\"email\"},\"page\":{\"type\":\"string\",\"format\":"
        "\"uri\"},\"code\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}[0-9]+$\"},\"note\":{\"type\":\"str"
        "ing\",\"default\":\"none \\\"yet\\\"\"},\"stops\":{\"type\":\"array\",\"default\":[],\"items\":{\"ty"
        "pe\":\"object\",\"required\":[\"city\"],\"properties\":{\"city\":{\"type\":\"string\",\"minLengt"
        "h\":1},\"minutes\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0}}}}},\"hold"
        "ers\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":[\"s"
        "tring\",\"null\"]}}},\"class\":{\"type\":\"string\",\"deprecated\":true,\"description\":\"A ke"
        "yword of C++.\"}},\"$defs\":{\"Size\":{\"description\":\"Outer measures.\",\"type\":\"object"
        "\",\"required\":[\"width\",\"height\"],\"additionalProperties\":false,\"properties\":{\"widt"
        "h\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":300},\"height\":{\"type\":\"integer\",\"excl"
        "usiveMinimum\":0}}}}},\"examples\":[{\"parcelId\":\"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d"
        "11\",\"size\":{\"width\":20,\"height\":10},\"price\":\"4.90\",\"weight\":1.25,\"isFragile\":fal"
        "se,\"acceptedAt\":\"2026-11-23T10:00:00.123Z\",\"labels\":[\"no\",\"7\"],\"kind\":\"EXPRESS B"
        "OX\",\"via\":\"counter\",\"email\":null,\"stops\":[{\"city\":\"K\303\266ln\",\"minutes\":[5,10]}],\"ho"
        "lders\":{\"ana\":[\"yes\",null]}}]},{\"file\":\"parcel/lost.v1.yaml\",\"event\":\"parcel.los"
        "t\",\"version\":\"1.0.0\",\"owner\":\"parcel-service\",\"summary\":\"A parcel cannot be foun"
        "d.\",\"published\":\"When a search has ended without result.\",\"expected\":\"Nothing; r"
        "eports may count it.\",\"consumers\":[],\"key\":\"parcelId\",\"data\":{\"type\":\"object\",\"r"
        "equired\":[\"parcelId\"],\"properties\":{\"parcelId\":{\"type\":\"string\",\"format\":\"uuid\"}"
        ",\"name\":{\"type\":\"string\"},\"size\":{\"$ref\":\"#/$defs/Size\"}},\"$defs\":{\"Size\":{\"desc"
        "ription\":\"Outer measures.\",\"type\":\"object\",\"required\":[\"width\",\"height\"],\"additi"
        "onalProperties\":false,\"properties\":{\"width\":{\"type\":\"integer\",\"minimum\":1,\"maxim"
        "um\":300},\"height\":{\"type\":\"integer\",\"exclusiveMinimum\":0}}}}},\"examples\":[{\"parc"
        "elId\":\"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11\"}]},{\"file\":\"parcel/paid.v1.yaml\",\"e"
        "vent\":\"parcel.paid\",\"version\":\"1.0.0\",\"owner\":\"parcel-service\",\"summary\":\"A parc"
        "el was paid for.\",\"published\":\"When the money is there.\",\"expected\":\"Billing clo"
        "ses the invoice.\",\"consumers\":[\"billing-service\"],\"key\":\"parcelId\",\"data\":{\"type"
        "\":\"object\",\"required\":[\"parcelId\",\"method\",\"place\",\"rate\",\"refund\"],\"properties\""
        ":{\"parcelId\":{\"type\":\"string\",\"format\":\"uuid\"},\"method\":{\"$ref\":\"#/$defs/Method\""
        "},\"refund\":{\"oneOf\":[{\"$ref\":\"#/$defs/Method\"},{\"type\":\"null\"}]},\"tries\":{\"type\""
        ":\"array\",\"items\":{\"$ref\":\"#/$defs/Method\"}},\"place\":{\"$ref\":\"#/$defs/Place\",\"des"
        "cription\":\"Of the counter.\"},\"span\":{\"type\":\"array\",\"prefixItems\":[{\"type\":\"inte"
        "ger\",\"minimum\":0},{\"type\":[\"string\",\"null\"],\"enum\":[\"hour\",\"day\",null]}],\"minIte"
        "ms\":2},\"rate\":{\"type\":\"number\",\"enum\":[0,7.5,19]},\"factor\":{\"type\":\"number\",\"con"
        "st\":1.5},\"mood\":{\"type\":[\"string\",\"null\"],\"enum\":[\"good\",\"bad\",null]},\"lane\":{\"o"
        "neOf\":[{\"type\":\"integer\",\"const\":7},{\"type\":\"null\"}]},\"payer\":{\"$ref\":\"#/$defs/C"
        "ommonParty\",\"description\":\"Who paid.\"},\"owed\":{\"$ref\":\"#/$defs/CommonShares\"},\"t"
        "erms\":{\"type\":\"object\",\"required\":[\"days\"],\"properties\":{\"days\":{\"type\":\"integer"
        "\",\"minimum\":0}},\"additionalProperties\":{\"type\":[\"string\",\"null\"],\"maxLength\":8}}"
        "},\"$defs\":{\"Size\":{\"description\":\"Outer measures.\",\"type\":\"object\",\"required\":[\""
        "width\",\"height\"],\"additionalProperties\":false,\"properties\":{\"width\":{\"type\":\"int"
        "eger\",\"minimum\":1,\"maximum\":300},\"height\":{\"type\":\"integer\",\"exclusiveMinimum\":0"
        "}}},\"Method\":{\"description\":\"How it was paid.\",\"oneOf\":[{\"$ref\":\"#/$defs/Card\"},"
        "{\"type\":\"object\",\"required\":[\"kind\",\"iban\"],\"properties\":{\"kind\":{\"type\":\"string"
        "\",\"const\":\"BANK transfer\"},\"iban\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}[0-9]{4,3"
        "0}$\"}}},{\"type\":\"object\",\"required\":[\"kind\"],\"additionalProperties\":false,\"prope"
        "rties\":{\"kind\":{\"type\":\"string\",\"const\":\"cash\"}}}]},\"Card\":{\"type\":\"object\",\"req"
        "uired\":[\"kind\",\"lastFour\"],\"properties\":{\"lastFour\":{\"type\":\"string\",\"minLength\""
        ":4,\"maxLength\":4},\"kind\":{\"type\":\"string\",\"const\":\"card\"},\"voucher\":{\"type\":\"str"
        "ing\"}}},\"Place\":{\"type\":\"array\",\"description\":\"Where on earth.\",\"prefixItems\":[{"
        "\"type\":\"number\",\"minimum\":-90,\"maximum\":90,\"title\":\"Latitude\"},{\"type\":\"number\","
        "\"minimum\":-180,\"maximum\":180,\"title\":\"Longitude\"}],\"minItems\":2,\"items\":false},\""
        "CommonParty\":{\"description\":\"A person or a company.\",\"type\":\"object\",\"required\":"
        "[\"name\",\"role\"],\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1},\"role\":{\"$r"
        "ef\":\"#/$defs/CommonRole\"}}},\"CommonRole\":{\"type\":\"string\",\"enum\":[\"sender\",\"rece"
        "iver\"]},\"CommonShares\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"of\""
        ",\"percent\"],\"properties\":{\"of\":{\"$ref\":\"#/$defs/CommonParty\"},\"percent\":{\"type\":"
        "\"integer\",\"minimum\":0,\"maximum\":100}}}}}},\"examples\":[{\"parcelId\":\"5f1cbb4e-3f8e"
        "-4c2d-9a51-7a0f2f6f1d11\",\"method\":{\"kind\":\"card\",\"lastFour\":\"4242\",\"scheme\":\"oth"
        "er\"},\"place\":[50.9,7],\"refund\":null,\"rate\":19,\"terms\":{\"days\":14,\"note\":\"no\"}}]}"
        "]}"
        "";
}

}  // namespace sample
