package dynamo

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

func TestCursorSurvivesItsText(t *testing.T) {
	t.Parallel()
	due := sortable(time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC))
	want := positions{{Due: due, ID: "PAYMENT#1"}, {}, {End: true}, {Due: due, ID: "FUND#fp_1"}}
	got, err := decodeCursor(want.encode())
	if err != nil || got != want {
		t.Errorf("decodeCursor = %+v, %v; want %+v", got, err, want)
	}
	if got, err := decodeCursor(""); err != nil || got != (positions{}) {
		t.Errorf("the start: %+v, %v", got, err)
	}
	if text := (positions{{End: true}, {End: true}, {End: true}, {End: true}}).encode(); text != "" {
		t.Errorf("the end: %q", text)
	}
}

func TestForgedCursorsAreRefused(t *testing.T) {
	t.Parallel()
	due := sortable(time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC))
	const id = "PAYMENT#1"
	for name, p := range map[string]position{
		"no account":                {Due: due},
		"no time":                   {ID: id},
		"a time without nanos":      {Due: "2031-01-02T03:04:05Z", ID: id},
		"a day that does not exist": {Due: "2031-02-30T03:04:05.000000006Z", ID: id},
		"a position at the end":     {Due: due, ID: id, End: true},
		"a very long id":            {Due: due, ID: id + strings.Repeat("1", maxID)},
	} {
		if _, err := decodeCursor(positions{p, {}, {}, {}}.encode()); payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, list := range []string{"[{},{},{}]", "[{},{},{},{},{}]", `[{},{},{},{"d":1}]`, "[{},{},{},{}] x"} {
		if _, err := decodeCursor(base64.RawURLEncoding.EncodeToString([]byte(list))); payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, list := range []string{"[{},{},{},{}]", `[{"e":true},{},{},{}]`, "null", `[{"d":"x","p":"y"},{},{},{}]`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(list)))
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		at, err := decodeCursor(cursor)
		if err != nil {
			return
		}
		if again, err := decodeCursor(at.encode()); err != nil || (again != at && at.encode() != "") {
			t.Errorf("%q holds %+v, and read again %+v, %v", cursor, at, again, err)
		}
	})
}
