#include "service/idempotency.h"

#include <tidings/base/crc32c.h>
#include <tidings/model/json.h>

#include "base/test_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tidings {

namespace {

constexpr std::size_t key_bytes_max = 255;

constexpr std::string_view tables = R"sql(
-- What was answered to requests that had an Idempotency-Key, in the order of the answers.
CREATE TABLE tidings_answer (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL,
    answered BIGINT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,  -- A JSON object.
    body TEXT NOT NULL
);
)sql";

constexpr std::array migrations{Migration{1, "answers", tables}};

std::string headers_text(const io::HttpHeaders& headers) {
    std::string text;
    json::Writer writer{text};
    writer.begin_object();
    for (const auto& [name, value] : headers) {
        writer.name(name);
        writer.text(value);
    }
    writer.end_object();
    return text;
}

io::HttpHeaders read_headers(std::string_view text) {
    io::HttpHeaders headers;
    json::Reader reader{text};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) headers[std::string{name}] = reader.text();
    return headers;
}

/// Two at each new one: the table shrinks to what is to be kept, in small bites.
void forget_old(StoreTransaction& tx, std::int64_t newest, Timestamp now) {
    tx.execute(
        "DELETE FROM tidings_answer WHERE number IN (SELECT number FROM tidings_answer "
        "WHERE number <= $1 AND answered < $2 ORDER BY number LIMIT 2)",
        newest - answers_kept_min,
        now - std::chrono::duration_cast<std::chrono::milliseconds>(answers_horizon));
}

}  // namespace

std::span<const Migration> api_migrations() { return migrations; }

Result<std::optional<IdempotencyKey>> idempotency_key_of(const io::HttpRequest& request) {
    const auto header = request.headers.find("idempotency-key");
    if (header == request.headers.end()) return std::optional<IdempotencyKey>{};
    const std::string& text = header->second;
    const bool is_printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (text.empty() || text.size() > key_bytes_max || !is_printable) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("the Idempotency-Key must be 1 to {} printable ASCII characters",
                                 key_bytes_max),
                     "a UUID, made anew for each request and kept for its retries, does"};
    }
    return std::optional{
        IdempotencyKey{text, fmt::format("{} {} {} {:08x}", request.method, request.target,
                                         request.body.size(), crc32c(request.body))}};
}

io::HttpResponse answer_once(Transaction& tx, const IdempotencyKey& key,
                             const std::function<io::HttpResponse()>& run) {
    if (planted(Mistake::repeats_commands)) return run();
    {
        Rows rows = tx.query(
            "SELECT request, status, content_type, headers, body FROM tidings_answer "
            "WHERE key = $1",
            key.text);
        if (rows.next()) {
            const Row row = rows.row();
            if (row.text(0) != key.request) {
                reached("api.key_of_another_request");
                return io::problem(422, "the key is taken",
                                   "this Idempotency-Key came before, with another request; make "
                                   "a new key for each request");
            }
            reached("api.answered_again");
            io::HttpResponse answer{row.get<int>(1), row.get<std::string>(2),
                                    read_headers(row.text(3)), row.get<std::string>(4)};
            answer.headers["idempotency-replayed"] = "true";
            return answer;
        }
    }
    io::HttpResponse answer = run();
    const Timestamp now = tx.time();
    const auto newest = tx.value<std::int64_t>("SELECT max(number) FROM tidings_answer");
    const std::int64_t number = newest.value_or(0) + 1;
    tx.execute(
        "INSERT INTO tidings_answer (number, key, request, answered, status, content_type, "
        "headers, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        number, key.text, key.request, now, answer.status, answer.content_type,
        headers_text(answer.headers), answer.body);
    forget_old(tx.store(), number, now);
    return answer;
}

}  // namespace tidings
