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

func TestEpochsAreReadInMilliseconds(t *testing.T) {
	t.Parallel()
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
