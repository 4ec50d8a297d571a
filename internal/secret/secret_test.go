package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/iade/iade/internal/secret"
)

const canary = "canary-7f3a-secret"

// holder has a secret where fmt can call its methods, and where it cannot.
type holder struct {
	Open   secret.Text
	hidden secret.Text
	Nested struct{ deep []secret.Text }
	Map    map[string]secret.Text
	Keys   map[secret.Text]int
}

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	t.Parallel()
	text := secret.New(canary)
	h := holder{Open: text, hidden: text, Map: map[string]secret.Text{"a": text}, Keys: map[secret.Text]int{text: 1}}
	h.Nested.deep = []secret.Text{text}
	var written strings.Builder
	for _, value := range []any{text, &text, h, &h, []secret.Text{text}, map[string]any{"k": text}, fmt.Errorf("with %v", h)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%t", "%U", "%b", "%08.3f"} {
			fmt.Fprintf(&written, verb, value)
		}
		if data, err := json.Marshal(value); err == nil {
			written.Write(data)
		}
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&written, nil), slog.NewTextHandler(&written, nil)} {
			slog.New(handler).Info("a", "value", value, slog.Group("g", "value", value))
		}
	}
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("%d", []byte(canary))} {
		if strings.Contains(written.String(), form) {
			t.Errorf("%s was written:\n%s", form, written.String())
		}
	}
	if !strings.Contains(written.String(), "[set]") {
		t.Error("a secret that is set cannot be told from one that is not")
	}
}

func TestASecretIsComparedAndReadByItsValue(t *testing.T) {
	t.Parallel()
	var read struct{ Key, None secret.Text }
	if err := json.NewDecoder(bytes.NewBufferString(`{"Key":"` + canary + `"}`)).Decode(&read); err != nil {
		t.Fatal(err)
	}
	if read.Key != secret.New(canary) || read.Key.Reveal() != canary || !read.Key.IsSet() || read.Key == secret.New("other") {
		t.Errorf("read %v", read)
	}
	if read.None.IsSet() || read.None.Reveal() != "" || read.None.String() != "" || read.None != secret.New("") {
		t.Error("an empty secret is not empty")
	}
	err := json.Unmarshal([]byte(`{"Key":["`+canary+`"]}`), &read)
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("a list was read as a secret, or quoted: %v", err)
	}
}
