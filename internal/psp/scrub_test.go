package psp

import (
	"strings"
	"testing"
)

func TestScrubTakesOutAddressesAndLongNumbers(t *testing.T) {
	t.Parallel()
	got := scrub("Kart 5526 0800 0000 0006, ayse@example.com, +90 555 555 55 55, kimlik 74300864111: limit 250.00 aşıldı")
	for _, person := range []string{"5526", "0006", "ayse", "example.com", "555", "74300864111"} {
		if strings.Contains(got, person) {
			t.Errorf("%q still shows %s", got, person)
		}
	}
	if !strings.Contains(got, "limit 250.00 aşıldı") {
		t.Errorf("%q lost its sense", got)
	}
}

func TestBoundedCutsAtACharacter(t *testing.T) {
	t.Parallel()
	if got := bounded("ığüş", 3); got != "ı" {
		t.Errorf("bounded = %q", got)
	}
}

// FuzzScrub: what is kept of iyzico's words is bounded and holds no address and no long number.
func FuzzScrub(f *testing.F) {
	f.Add("a@b.c has 4 111 111 111 111 111")
	f.Add(strings.Repeat("ü", 400))
	f.Fuzz(func(t *testing.T, message string) {
		scrubbed := scrub(message)
		if len(scrubbed) > 300 {
			t.Fatalf("%d bytes", len(scrubbed))
		}
		run := 0
		for _, r := range scrubbed {
			switch {
			case r >= '0' && r <= '9':
				run++
			case r != ' ':
				run = 0
			}
			if run > 6 {
				t.Fatalf("%q keeps a long number of %q", scrubbed, message)
			}
		}
	})
}
