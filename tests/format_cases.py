"""Texts that formats allow and refuse, beyond those of the official suite; and texts that the suite allows and we
refuse."""

from __future__ import annotations

VALID: dict[str, list[str]] = {
    "date-time": ["0000-02-29T00:00:00Z", "2016-12-31T23:59:60.5z", "2017-01-01T05:29:60+05:30"],
    "date": ["2000-02-29", "0000-01-01", "9999-12-31", "1996-02-29"],
    "time": ["00:00:00+23:59", "00:00:60+00:01", "23:58:60-00:01"],
    "duration": ["P1Y2M3DT4H5M6S", "P3W", "PT1M"],
    "email": ["a@b", '"a\\"b"@c.d', "a@[IPv6:1::2]", "x!#$%&'*+-/=?^_`{|}~@xn--9ca", "a@b--c"],
    "idn-email": ["münchen@bücher.de", '"ü"@a.b', "a@דוגמה.com", "Ä@[127.0.0.1]"],
    "hostname": [
        "a", "A-1.b", "r3---sn-4g5e.example.com", "1.2.3.4", "xn--mnchen-3ya.de", "xn--9ca", "xn", "xn-a",
    ],
    "idn-hostname": [
        "bücher.de", "xn--bcher-kva", "みんな", "דוגמה.com", "नमस्ते", "தமிழ்", "한국。kr", "a-b.Ü".lower(),
    ],
    "ipv4": ["1.10.100.255"],
    "ipv6": ["1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "1:2:3:4:5::1.2.3.4"],
    "uri": [
        "a:", "a://", "a:/b", "a://@:", "http://[v1.a:b]:80/?a?b#c?d", "a:b//c", "A+-.9:x", "file:///etc",
    ],
    "uri-reference": ["", "a/b:c", "?", "#", "//a", "/a//b", "./a:b", "@"],
    "iri": ["http://é/ü?\ue000#ö", "a:\U00010000"],
    "iri-reference": ["é", "?\ue000", "//ü"],
    "uri-template": ["{a*,b:9999,%41_}", "{+a.b}", "é{x}"],
    "uuid": ["01234567-89ab-CDEF-0123-456789abcdef"],
    "json-pointer": ["", "/", "//", "/~0~1", '/"\\\n'],
    "relative-json-pointer": ["0", "10/a", "0#"],
    "regex": [
        "", "a|b", "^[a-z\\d_-]+$", "(?:a{1,10}){2,}?", "[\\]\\\\-]", "\\p{Lu}\\P{sc=Greek}", "(?!(?=a)b)",
        "(a)\\1", "[а-я]", "[\\u0400-\\u04fF]", "[\\x00-\\x1f]", "\\u{1F600}", "(?<year>a)", "(?<=a)b(?<!c)",
        "\\cJ\\/", "[^\\b]",
    ],
}  # fmt: skip

INVALID: dict[str, list[str]] = {
    "date-time": [
        "2017-01-01T05:30:60+05:30", "2000-01-01 00:00:00Z", "2000-01-01T00:00:00.Z", "1900-02-29T00:00:00Z",
    ],
    "date": ["1900-02-29", "2001-02-29", "2000-04-31", "2000-13-01", "2000-00-01", "+000-01-01"],
    "time": ["00:00:60Z", "00:00:00+24:00", "0:00:00Z", "00:00:60-00:01"],
    "duration": ["P1Y1D", "P1H", "PT", "P1S", "PT1H1S", "p1D"],
    "email": [
        "a@", "@a", "a@-b", "a@b-", "a@b..c", "a@b.", ".a@b", "a..b@c", '"a@b', "a@[1::2]", "a@[x:y]",
        "a@[IPv6:1:2:3:4:5:6:7::]", "ä@b", "a@ä", '"\n"@a',
    ],
    "idn-email": ["a@b\u3002c", "a@\u0301", "a\u3000@", "a@ü-"],
    "hostname": [
        "xn--", "xn--a", "xn--mnchen-aaa", "Xn--9ca", "xn--9CA", "-a", "a-", "a_b", "a..b", "xn--ll-",
        "xn--a-ecp.ru",
    ],
    "idn-hostname": [
        "ü" * 20, "Ü", "ü--a", "aü--b", "e\u0301", "\u0301a", "ﬀ", "ⅷ", "a\u200db", "אa", "ü.א", "א1\u0660",
        "😀", "\u00ad",
    ],
    "ipv4": ["01.2.3.4", "1.2.3", "256.1.1.1", "1.2.3.4.5"],
    "ipv6": [
        "1:2:3:4:5:6:7:8::", "1::2::3", ":::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "12345::", "1:", ":1",
        "::%eth0",
    ],
    "uri": [
        "", "a", "1a:b", "a:[", "http://[::1", "http://[::1%25eth0]", "http://[vg.a]", "http://a:b", "a:%zz",
        "a:é", "a: b", "a:#b#c",
    ],
    "uri-reference": ["a:b:[", "1:a", ":a", "a b", "%", "##"],
    "iri": ["é:a", "http://[ü]", "a:\ufffe", "a:#\ue000", "a:\u200e".replace("\u200e", "\ufdd0")],
    "iri-reference": [" ", "<", "é:a\\"],
    "uri-template": [
        "{", "}", "{}", "{a", "{a b}", "{a:}", "{a:0}", "{a*b}", "{-a}", "{=reserved}", "a<b", "%4", "{a,}",
    ],
    "uuid": [
        "{01234567-89ab-CDEF-0123-456789abcdef}", "0123456789abCDEF0123456789abcdef",
        "0123456-789ab-CDEF-0123-456789abcdef",
    ],
    "json-pointer": ["a", "/~", "/~2", "#/a", " "],
    "relative-json-pointer": ["", "01", "a", "0a", "-1", "0#/a", "1/~"],
    "regex": [
        "(", ")", "[", "a**", "*a", "a{2,1}", "{1}", "[b-a]", "[\\d-a]", "\\1", "(?<a>b)(?<a>c)",
        "(?<a>b)\\k<b>", "\\k<a>", "(?=a)*", "\\a", "\\-", "]", "}", "\\u{110000}", "\\p{Nope}", "(?i)a",
        "(?<1>a)", "[--a]x[", "\\00", "\\c1", "\\x1", "(?<=a", "a{1,",
    ],
}  # fmt: skip

PUNYCODE = "labels in Punycode with several letters beyond ASCII: see a_labels"
WEIGHT = "Punycode that may be longer than 63 octets, judged by weights: see idn_labels"

# (file, description): what the suite says is valid and the format refuses, and why.
NARROWER: dict[tuple[str, str], str] = {
    **{
        ("hostname", description): PUNYCODE
        for description in [
            "a valid host name (example.test in Hangul)",
            "a valid punycoded IDN hostname",
            "Exceptions that are PVALID, left-to-right chars",
            "Exceptions that are PVALID, right-to-left chars",
            "Greek KERAIA followed by Greek",
            "Hebrew GERESH preceded by Hebrew",
            "Hebrew GERSHAYIM preceded by Hebrew",
            "KATAKANA MIDDLE DOT with Hiragana",
            "KATAKANA MIDDLE DOT with Katakana",
            "KATAKANA MIDDLE DOT with Han",
            "Arabic-Indic digits not mixed with Extended Arabic-Indic digits",
            "ZERO WIDTH JOINER preceded by Virama",
            "ZERO WIDTH NON-JOINER preceded by Virama",
            "ZERO WIDTH NON-JOINER not preceded by Virama but matches regexp",
        ]
    },
    ("idn-hostname", "valid Chinese Punycode"): PUNYCODE,
    ("idn-hostname", "label too long if separator ignored (full stop)"): WEIGHT,
    ("idn-hostname", "label too long if separator ignored (ideographic full stop)"): WEIGHT,
    ("idn-hostname", "label too long if separator ignored (fullwidth full stop)"): WEIGHT,
    ("idn-hostname", "label too long if separator ignored (halfwidth ideographic full stop)"): WEIGHT,
    (
        "idn-email",
        "a domain label that is not in Unicode NFC is valid",
    ): "RFC 6531 wants U-labels, and RFC 5890, section 2.3.2.1, wants those in NFC",
}
