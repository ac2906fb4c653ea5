#pragma once

#include <utility>

namespace tidings::json {

/// States of documents that were read, by thread: a service reads millions of small documents, and
/// a reader is often alive while another one reads a part of its text.
template <class State>
struct FreeStates {
    State* first = nullptr;
    ~FreeStates() {
        while (first != nullptr) delete std::exchange(first, first->next_free);
    }
};

template <class State>
FreeStates<State>& free_states() {
    static thread_local FreeStates<State> states;
    return states;
}

}  // namespace tidings::json
