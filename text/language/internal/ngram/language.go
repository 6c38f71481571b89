package ngram

// Script is a writing system, or several that are told apart together.
type Script uint8

// The scripts. Those before Han are shared by languages that n-grams tell apart.
// Han are ideographs and kana, told apart one by one.
const (
	Latin Script = iota
	Cyrillic
	Arabic
	Devanagari
	Han
	Armenian
	Bengali
	Georgian
	Greek
	Gujarati
	Gurmukhi
	Hangul
	Hebrew
	Tamil
	Telugu
	Thai
	Scripts // how many there are

	None Script = 0xff // not a letter of any
)

// Language is a language that the model knows.
type Language struct {
	Code   string // ISO 639-1
	Name   string // in English
	Script Script
}

// Languages returns the languages by script and within it by code. The place of a
// language among those of its script is its number in the table.
func Languages() []Language {
	return []Language{
		{"af", "Afrikaans", Latin}, {"az", "Azerbaijani", Latin}, {"bs", "Bosnian", Latin},
		{"ca", "Catalan", Latin}, {"cs", "Czech", Latin}, {"cy", "Welsh", Latin},
		{"da", "Danish", Latin}, {"de", "German", Latin}, {"en", "English", Latin},
		{"eo", "Esperanto", Latin}, {"es", "Spanish", Latin}, {"et", "Estonian", Latin},
		{"eu", "Basque", Latin}, {"fi", "Finnish", Latin}, {"fr", "French", Latin},
		{"ga", "Irish", Latin}, {"hr", "Croatian", Latin}, {"hu", "Hungarian", Latin},
		{"id", "Indonesian", Latin}, {"is", "Icelandic", Latin}, {"it", "Italian", Latin},
		{"la", "Latin", Latin}, {"lg", "Ganda", Latin}, {"lt", "Lithuanian", Latin},
		{"lv", "Latvian", Latin}, {"mi", "Maori", Latin}, {"ms", "Malay", Latin},
		{"nb", "Norwegian Bokmål", Latin}, {"nl", "Dutch", Latin}, {"nn", "Norwegian Nynorsk", Latin},
		{"pl", "Polish", Latin}, {"pt", "Portuguese", Latin}, {"ro", "Romanian", Latin},
		{"sk", "Slovak", Latin}, {"sl", "Slovenian", Latin}, {"sn", "Shona", Latin},
		{"so", "Somali", Latin}, {"sq", "Albanian", Latin}, {"st", "Sotho", Latin},
		{"sv", "Swedish", Latin}, {"sw", "Swahili", Latin}, {"tl", "Tagalog", Latin},
		{"tn", "Tswana", Latin}, {"tr", "Turkish", Latin}, {"ts", "Tsonga", Latin},
		{"vi", "Vietnamese", Latin}, {"xh", "Xhosa", Latin}, {"yo", "Yoruba", Latin},
		{"zu", "Zulu", Latin},

		{"be", "Belarusian", Cyrillic}, {"bg", "Bulgarian", Cyrillic}, {"kk", "Kazakh", Cyrillic},
		{"mk", "Macedonian", Cyrillic}, {"mn", "Mongolian", Cyrillic}, {"ru", "Russian", Cyrillic},
		{"sr", "Serbian", Cyrillic}, {"uk", "Ukrainian", Cyrillic},

		{"ar", "Arabic", Arabic}, {"fa", "Persian", Arabic}, {"ur", "Urdu", Arabic},
		{"hi", "Hindi", Devanagari}, {"mr", "Marathi", Devanagari},
		{"ja", "Japanese", Han}, {"zh", "Chinese", Han},

		{"hy", "Armenian", Armenian}, {"bn", "Bengali", Bengali}, {"ka", "Georgian", Georgian},
		{"el", "Greek", Greek}, {"gu", "Gujarati", Gujarati}, {"pa", "Punjabi", Gurmukhi},
		{"ko", "Korean", Hangul}, {"he", "Hebrew", Hebrew}, {"ta", "Tamil", Tamil},
		{"te", "Telugu", Telugu}, {"th", "Thai", Thai},
	}
}
