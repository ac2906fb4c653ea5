#include <tidings/base/text.h>

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(Quote, LeavesOrdinaryTextAsItIs) {
    EXPECT_EQ(quote("order.created"), "\"order.created\"");
    EXPECT_EQ(quote("São Paulo, 東京, 🚀"), "\"São Paulo, 東京, 🚀\"");
    EXPECT_EQ(quote(""), "\"\"");
}

TEST(Quote, EscapesWhatCouldForgeALineOrDriveATerminal) {
    EXPECT_EQ(quote("a\nb\r\tc"), "\"a\\nb\\r\\tc\"");
    EXPECT_EQ(quote("say \"hi\" \\"), "\"say \\\"hi\\\" \\\\\"");
    EXPECT_EQ(quote("\x1b[31mred"), "\"\\u{1b}[31mred\"");
    EXPECT_EQ(quote(std::string_view{"\0", 1}), "\"\\u{0}\"");
    EXPECT_EQ(quote("\x7f"), "\"\\u{7f}\"");
    EXPECT_EQ(quote("\u0085\u2028\u202e\ufeff"), "\"\\u{85}\\u{2028}\\u{202e}\\u{feff}\"");
    EXPECT_EQ(quote("caf\xe9"), "\"caf\\xe9\"");
}

TEST(Quote, CutsLongTextBetweenCharacters) {
    EXPECT_EQ(quote("abcdef", 4), "\"abcd...\"");
    EXPECT_EQ(quote("abcé", 4), "\"abc...\"");
    EXPECT_EQ(quote("abcd", 4), "\"abcd\"");
    EXPECT_LT(quote(std::string(1'000'000, '\x01')).size(), 600u);
}

TEST(Utf8, KnowsEveryFormOfBrokenText) {
    EXPECT_EQ(utf8_character_bytes("a"), 1u);
    EXPECT_EQ(utf8_character_bytes("é"), 2u);
    EXPECT_EQ(utf8_character_bytes("東"), 3u);
    EXPECT_EQ(utf8_character_bytes("🚀"), 4u);
    EXPECT_EQ(utf8_character_bytes("\xf4\x8f\xbf\xbf"), 4u);
    for (const std::string_view broken : {
             "",
             "\x80",
             "\xc0\xaf",
             "\xc1\xbf",
             "\xe0\x80\xaf",
             "\xf0\x80\x80\xaf",
             "\xed\xa0\x80",
             "\xf4\x90\x80\x80",
             "\xf5\x80\x80\x80",
             "\xe6\x9d",
             "\xc3"
             "A",
             "\xff",
         }) {
        EXPECT_EQ(utf8_character_bytes(broken), 0u);
    }
}

TEST(Text, IsShownByHtmlAsItIsAndNeverTakenForMarkup) {
    EXPECT_EQ(html("<a href='x' title=\"y\"> & co"),
              "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt; &amp; co");
}

TEST(Text, MakesUtf8OfWhateverThereIs) {
    EXPECT_EQ(utf8("caf\u00e9\n"), "caf\u00e9\n");
    EXPECT_EQ(utf8("a\xff\xc3"), "a\\xff\\xc3");
}

}  // namespace
}  // namespace tidings
