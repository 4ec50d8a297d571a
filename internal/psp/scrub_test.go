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
