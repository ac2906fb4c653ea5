#pragma once

#include <tidings/contract/contract.h>
#include <tidings/model/service_outline.h>

#include "contract/site_text.h"

#include <string>
#include <string_view>

namespace tidings::contract {

/// Services as boxes with the events they publish, and an arrow from each event to each consumer.
/// Links lead from the site's folder.
std::string map_picture(const ContractSet& set);

/// How a saga goes: its steps downwards, what undoes them upwards beside it. Links lead from a
/// folder of the site.
std::string saga_picture(const SagaOutline& saga, const ContractSet& set);

/// An SVG document around `body`, which also stands within a page.
std::string picture(std::string_view title, int width, int height, const std::string& body);

/// The colours of pictures, dark where the reader's screen is.
extern const std::string_view picture_style;

/// The site's own files that are the same for all.
extern const std::string_view site_css;
extern const std::string_view site_js;

}  // namespace tidings::contract
