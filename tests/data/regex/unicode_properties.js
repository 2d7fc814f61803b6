// Writes constrain/languages/regex/unicode/properties.txt from the Unicode data of the running node:
//     node tests/data/regex/unicode_properties.js > constrain/languages/regex/unicode/properties.txt
// The names are those of ECMA-262, 'UnicodeMatchProperty' and 'UnicodeMatchPropertyValue'.

const categories = `Cc Cf Cn Co Cs Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs`;
const scripts = `Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali
  Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee
  Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan
  Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi
  Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited
  Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
  Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
  Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui
  Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari
  New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian
  Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene
  Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sidetic
  SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le
  Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto
  Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square Beria_Erfe`;
const codes = `Adlm Ahom Hluw Arab Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai Bugi Buhd Cans Cari Aghb Cakm Cham
  Cher Chrs Zyyy Copt Qaac Xsux Cprt Cpmn Cyrl Dsrt Deva Diak Dogr Dupl Egyp Elba Elym Ethi Gara Geor Glag Goth Gran
  Grek Gujr Gong Guru Gukh Hani Hang Rohg Hano Hatr Hebr Hira Armi Zinh Qaai Phli Prti Java Kthi Knda Kana Kali Khar
  Kits Khmr Khoj Sind Krai Laoo Latn Lepc Limb Lina Linb Lyci Lydi Mahj Maka Mlym Mand Mani Marc Gonm Medf Mtei Mend
  Merc Mero Plrd Mong Mroo Mult Mymr Nbat Nagm Nand Talu Nkoo Nshu Hmnp Ogam Olck Onao Hung Ital Narb Perm Xpeo
  Sogo Sarb Orkh Ougr Orya Osge Osma Hmng Palm Pauc Phag Phnx Phlp Rjng Runr Samr Saur Shrd Shaw Sidd Sgnw Sinh Sogd
  Sora Soyo Sund Sunu Sylo Syrc Tglg Tagb Tale Lana Tavt Takr Taml Tnsa Tang Telu Thaa Tibt Tfng Tirh Todr Tutg Ugar
  Vaii Vith Wcho Wara Yezi Yiii Zanb Sidt Tols Tayo Berf`;
const binary = `Alphabetic Alpha Bidi_Control Bidi_C Bidi_Mirrored Bidi_M Case_Ignorable CI Cased
  Changes_When_Casefolded CWCF Changes_When_Casemapped CWCM Changes_When_Lowercased CWL Changes_When_NFKC_Casefolded
  CWKCF Changes_When_Titlecased CWT Changes_When_Uppercased CWU Dash Default_Ignorable_Code_Point DI Deprecated Dep
  Diacritic Dia Emoji Emoji_Component EComp Emoji_Modifier EMod Emoji_Modifier_Base EBase Emoji_Presentation EPres
  Extended_Pictographic ExtPict Extender Ext Grapheme_Base Gr_Base Grapheme_Extend Gr_Ext Hex_Digit Hex ASCII_Hex_Digit
  AHex IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST ID_Continue IDC ID_Start IDS Ideographic Ideo Join_Control
  Join_C Logical_Order_Exception LOE Lowercase Lower Math Noncharacter_Code_Point NChar Pattern_Syntax Pat_Syn
  Pattern_White_Space Pat_WS Quotation_Mark QMark Radical Regional_Indicator RI Sentence_Terminal STerm Soft_Dotted SD
  Terminal_Punctuation Term Unified_Ideograph UIdeo Uppercase Upper Variation_Selector VS White_Space space XID_Continue
  XIDC XID_Start XIDS`;

// Lengths of the stretches of code points outside, inside, outside ... the set, in base 36.
function stretches(name) {
  const inside = new RegExp(`^\\p{${name}}$`, "u");
  const lengths = [];
  let first = 0, now = false;
  for (let c = 0; c <= 0x10ffff; c++) {
    if (inside.test(String.fromCodePoint(c)) !== now) {
      lengths.push((c - first).toString(36));
      first = c;
      now = !now;
    }
  }
  if (now) lengths.push((0x110000 - first).toString(36));
  return lengths.join(" ");
}

const found = new Map(); // "property stretches" -> names
for (const [property, names] of [["gc", categories], ["sc", scripts], ["sc", codes], ["scx", scripts], ["scx", codes], ["", binary]])
  for (const name of names.split(/\s+/)) {
    const key = property + "\t" + stretches(property ? `${property}=${name}` : name);
    if (!(found.get(key) ?? []).includes(name)) found.set(key, [...(found.get(key) ?? []), name]);
  }
console.log("# Unicode " + process.versions.unicode + ", written by tests/data/regex/unicode_properties.js");
console.log("# property, names, lengths of the stretches of code points outside, inside, outside, ... in base 36");
for (const [key, names] of found) console.log(key.replace("\t", "\t" + names.join(" ") + "\t"));
