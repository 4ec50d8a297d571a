package iyzico

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTokensKeepTheWiresText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]token{
		`1.00000000`:        {text: "1.00000000", present: true},
		`"1.00000000"`:      {text: "1.00000000", present: true},
		`0E-8`:              {text: "0E-8", present: true},
		`9007199254740993`:  {text: "9007199254740993", present: true},
		`true`:              {text: "true", present: true},
		`null`:              {},
		`""`:                {present: true},
		`"a\u0131\n"`:       {text: "aı\n", present: true},
		`"\ud800"`:          {text: "\ufffd", present: true},
		"\"a\xff\"":         {text: "a\ufffd", present: true},
		`{"a":[1,{"b":2}]}`: {present: true, unreadable: true},
		`[1]`:               {present: true, unreadable: true},
	} {
		var got struct {
			Member token `json:"member"`
		}
		if err := json.Unmarshal([]byte(`{"member":`+raw+`}`), &got); err != nil || got.Member != want {
			t.Errorf("%s: got %+v, %v", raw, got.Member, err)
		}
	}
}

func TestTimesAreReadAsWritten(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 8, 28, 15, 19, 3, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2025-08-28T15:19:03Z":         at,
		"2025-08-28T15:19:03.000Z":     at,
		"2025-08-28T18:19:03+03:00":    at,
		"2025-08-28T18:19:03+0300":     at,
		"2025-08-28T15:19:03":          at,
		"2025-08-28 15:19:03":          at,
		" 2025-08-28T15:19:03Z ":       at,
		"2025-08-28":                   time.Date(2025, 8, 28, 0, 0, 0, 0, time.UTC),
		"":                             {},
		"yesterday":                    {},
		"1756383869332":                {},
		"2025-13-28T15:19:03Z":         {},
		"28.08.2025 15:19:03":          {},
		"2025-08-28T15:19:03Z[Europe]": {},
	} {
		if got := (token{text: text}).time(); !got.Equal(want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]time.Time{
		"1756383869332": time.UnixMilli(1756383869332).UTC(), "": {}, "0": {}, "-1": {}, "1e12": {}, "99999999999999999": {}, "9999999999999999999999": {},
	} {
		if got := (token{text: text}).millis(); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestLongTextsAreCutAtARune(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]string{4: "ağ", 3: "ağ", 2: "a", 1: "a", 0: ""} {
		text := "ağ"
		if limit < 4 {
			text = "ağx"
		}
		if got := cut(text, limit); got != want {
			t.Errorf("%d: got %q", limit, got)
		}
	}
}
