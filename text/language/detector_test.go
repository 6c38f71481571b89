package language_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text/language"
)

func newDetector(tb testing.TB, o language.Options) *language.Detector {
	tb.Helper()
	d, err := language.New(o)
	require.NoError(tb, err)
	return d
}

// greetings are sentences of our own, one for a language.
var greetings = map[string]string{
	"af": "Ek wil graag weet waar die naaste winkel is.",
	"ar": "أين تقع أقرب محطة قطار؟",
	"be": "Дзе знаходзіцца бліжэйшая крама?",
	"bg": "Къде се намира най-близкият магазин?",
	"bn": "নিকটতম দোকান কোথায়?",
	"ca": "On és la botiga més propera de la ciutat?",
	"cs": "Kde je nejbližší obchod s potravinami?",
	"cy": "Ble mae'r siop agosaf yn y dref hon?",
	"da": "Hvor ligger den nærmeste købmand, og hvornår åbner den?",
	"de": "Wo ist der nächste Laden, und wann öffnet er?",
	"el": "Πού είναι το πλησιέστερο κατάστημα;",
	"en": "Where is the nearest shop, and when does it open?",
	"es": "¿Dónde está la tienda más cercana y cuándo abre?",
	"et": "Kus asub lähim pood ja millal see avatakse?",
	"eu": "Non dago dendarik hurbilena eta noiz irekitzen da?",
	"fa": "نزدیک\u200cترین فروشگاه کجاست و چه زمانی باز می\u200cشود؟",
	"fi": "Missä on lähin kauppa ja milloin se aukeaa?",
	"fr": "Où est le magasin le plus proche et quand ouvre-t-il ?",
	"gu": "નજીકની દુકાન ક્યાં છે?",
	"he": "איפה החנות הקרובה ביותר?",
	"hi": "सबसे नज़दीकी दुकान कहाँ है और यह कब खुलती है?",
	"hu": "Hol van a legközelebbi bolt, és mikor nyit?",
	"hy": "Որտե՞ղ է մոտակա խանութը։",
	"is": "Hvar er næsta búð og hvenær opnar hún?",
	"it": "Dov'è il negozio più vicino e quando apre?",
	"ja": "一番近い店はどこですか。",
	"ka": "სად არის უახლოესი მაღაზია?",
	"ko": "가장 가까운 가게가 어디에 있습니까?",
	"lt": "Kur yra artimiausia parduotuvė ir kada ji atidaroma?",
	"lv": "Kur ir tuvākais veikals un kad tas tiek atvērts?",
	"mr": "सर्वात जवळचे दुकान कोठे आहे आणि ते केव्हा उघडते?",
	"nl": "Waar is de dichtstbijzijnde winkel en wanneer gaat hij open?",
	"pa": "ਸਭ ਤੋਂ ਨੇੜੇ ਦੀ ਦੁਕਾਨ ਕਿੱਥੇ ਹੈ?",
	"pl": "Gdzie jest najbliższy sklep i kiedy się otwiera?",
	"pt": "Onde fica a loja mais próxima e quando é que ela abre?",
	"ro": "Unde este cel mai apropiat magazin și când se deschide?",
	"ru": "Где находится ближайший магазин и когда он открывается?",
	"sk": "Kde je najbližší obchod a kedy sa otvára?",
	"sl": "Kje je najbližja trgovina in kdaj se odpre?",
	"sq": "Ku është dyqani më i afërt dhe kur hapet?",
	"sv": "Var ligger den närmaste affären och när öppnar den?",
	"sw": "Duka la karibu liko wapi na litafunguliwa lini?",
	"ta": "அருகிலுள்ள கடை எங்கே?",
	"te": "దగ్గరలోని దుకాణం ఎక్కడ ఉంది?",
	"th": "ร้านค้าที่ใกล้ที่สุดอยู่ที่ไหน",
	"tr": "En yakın mağaza nerede ve ne zaman açılıyor?",
	"uk": "Де знаходиться найближча крамниця і коли вона відчиняється?",
	"ur": "قریب ترین دکان کہاں ہے اور یہ کب کھلتی ہے؟",
	"vi": "Cửa hàng gần nhất ở đâu và khi nào mở cửa?",
	"zh": "最近的商店在哪里，什么时候开门？",
}

func TestDetect(t *testing.T) {
	d := newDetector(t, language.Options{})
	for code, body := range greetings {
		t.Run(code, func(t *testing.T) {
			r := d.Detect(body)
			require.Equal(t, code, r.Code)
			require.Greater(t, r.Confidence, 0.5)
			require.Equal(t, code, d.Detect(strings.ToUpper(body)).Code, "case does not matter")
		})
	}
}

func TestDetectMixedAndHostileText(t *testing.T) {
	d := newDetector(t, language.Options{})
	tests := map[string]struct{ body, want string }{
		"empty":                        {"", ""},
		"no letters":                   {"12, 3.14 — 😀 \t\n", ""},
		"another script":               {"ሰላም ለዓለም", ""},
		"bytes that are not UTF-8":     {"\xff\xfe\x80", ""},
		"NUL":                          {"\x00\x00", ""},
		"good text among bad bytes":    {"\xffWhere is the \x80nearest shop\xfe, please?", "en"},
		"one Greek letter":             {"π", "el"},
		"a brand in a Russian text":    {"Новый телефон iPhone уже в магазинах", "ru"},
		"a name in an English text":    {"The novel by Толстой was translated again last year", "en"},
		"a few ideographs, more kana":  {"東京タワーへ行きました", "ja"},
		"an English word in Chinese":   {"我喜欢用 Go 语言编程", "zh"},
		"digits between words":         {"Das1Haus2und3der4Garten5gehören6uns", "de"},
		"letters with separate marks":  {"Le fre\u0301re et la me\u0300re de l'e\u0301le\u0300ve sont la\u0300", "fr"},
		"zero-width and bidi controls": {"\u200bDas\u202e Wetter\u200d war gestern schön\u2066", "de"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := d.Detect(tt.body)
			require.Equal(t, tt.want, r.Code)
			if tt.want == "" {
				require.Zero(t, r)
				require.Nil(t, d.Candidates(tt.body, 3))
			}
		})
	}
}

func TestDetectReadsTheFirstBytesOnly(t *testing.T) {
	d := newDetector(t, language.Options{MaxBytes: 40})
	require.Equal(t, "de", d.Detect("Das Wetter war gestern wirklich sehr schön. "+strings.Repeat("where is the shop ", 1000)).Code)
	long := strings.Repeat("é", 1<<20)
	require.Equal(t, d.Detect(long[:40]), d.Detect(long))
}

func TestLanguagesOption(t *testing.T) {
	d := newDetector(t, language.Options{Languages: []string{"en", "de", "ru", "en"}})
	require.Equal(t, "de", d.Detect(greetings["nl"]).Code, "the nearest of those asked for")
	require.Equal(t, language.Result{Language: language.Language{Code: "ru", Name: "Russian"}, Confidence: 1}, d.Detect(greetings["bg"]))
	require.Zero(t, d.Detect(greetings["el"]), "no language of the script")
	require.Len(t, d.Candidates("the", 9), 2)
}

func TestMinConfidence(t *testing.T) {
	d, sure := newDetector(t, language.Options{}), newDetector(t, language.Options{MinConfidence: 0.9})
	require.Equal(t, "", sure.Detect("ba").Code, "one syllable")
	require.NotEqual(t, "", d.Detect("ba").Code)
	require.Equal(t, d.Detect(greetings["hu"]), sure.Detect(greetings["hu"]))
	code, confidence := sure.DetectLanguage("ba")
	require.Equal(t, "", code)
	require.Zero(t, confidence)
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]language.Options{
		"unknown code":         {Languages: []string{"en", "tlh"}},
		"negative confidence":  {MinConfidence: -0.1},
		"more than certain":    {MinConfidence: 1.1},
		"confidence not a one": {MinConfidence: math.NaN()},
		"negative length":      {MaxBytes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := language.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestCandidates(t *testing.T) {
	d := newDetector(t, language.Options{})
	all := d.Candidates("informasi", 100)
	require.Len(t, all, 49, "of the script")
	sum := 0.0
	for i, r := range all {
		sum += r.Confidence
		require.True(t, i == 0 || r.Confidence <= all[i-1].Confidence)
	}
	require.InDelta(t, 1, sum, 1e-9)
	require.Equal(t, all[0], d.Detect("informasi"))
	require.Equal(t, all[:2], d.Candidates("informasi", 2))
	require.Nil(t, d.Candidates("informasi", 0))
}

func TestLanguages(t *testing.T) {
	all := language.Languages()
	require.Len(t, all, 75)
	require.True(t, slices.IsSortedFunc(all, func(a, b language.Language) int { return strings.Compare(a.Code, b.Code) }))
	require.Contains(t, all, language.Language{Code: "cy", Name: "Welsh"})
}

func TestDetectDoesNotAllocate(t *testing.T) {
	d := newDetector(t, language.Options{})
	require.Zero(t, testing.AllocsPerRun(10, func() {
		for _, body := range greetings {
			d.Detect(body)
		}
	}))
}

func TestADetectorCanBeShared(t *testing.T) {
	d := newDetector(t, language.Options{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for code, body := range greetings {
				if got, _ := d.DetectLanguage(body); got != code {
					t.Errorf("%s is taken for %s", code, got)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzDetect(f *testing.F) {
	for _, body := range greetings {
		f.Add(body)
	}
	f.Add("\xff\x00é")
	const limit = 64
	d := newDetector(f, language.Options{MaxBytes: limit})
	f.Fuzz(func(t *testing.T, body string) {
		r := d.Detect(body)
		if !(r.Confidence >= 0 && r.Confidence <= 1) || (r.Code == "") != (r.Confidence == 0) {
			t.Fatalf("%+v", r)
		}
		if len(body) > limit && d.Detect(body[:limit]) != r {
			t.Fatal("bytes behind the limit count")
		}
		if c := d.Candidates(body, 1); (r.Code == "") != (c == nil) || c != nil && c[0] != r {
			t.Fatalf("%+v, but candidate %+v", r, c)
		}
		if letters := strings.ContainsFunc(body, unicode.IsLetter); r.Code != "" && !letters {
			t.Fatal("a language of nothing")
		}
	})
}

func ExampleDetector_Detect() {
	d, err := language.New(language.Options{})
	if err != nil {
		panic(err)
	}
	r := d.Detect("Wo ist der nächste Bahnhof?")
	fmt.Println(r.Code, r.Name)
	// Output: de German
}

func ExampleDetector_Candidates() {
	d, err := language.New(language.Options{Languages: []string{"da", "nb", "sv"}})
	if err != nil {
		panic(err)
	}
	for _, c := range d.Candidates("Jeg vet ikke hva det er.", 2) {
		fmt.Println(c.Code)
	}
	// Output:
	// nb
	// da
}
