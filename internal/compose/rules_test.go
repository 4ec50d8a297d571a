package compose_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
)

// TestEverySettingOfTheDomainReachesIt: a field of payment.Rules that compose.Rules forgets stays zero here.
func TestEverySettingOfTheDomainReachesIt(t *testing.T) {
	t.Parallel()
	set := map[string]string{
		"SETTLE_WINDOW": "7m", "IYZICO_TIMEOUT": "11s", "TABLE_RESTORED_AT": "2031-03-10T09:00:00Z", "BALANCE_REFUND_EXPIRY": "3h",
		"NEW_MONEY": "off", "NEW_MONEY_REASON": "the bank is closed", "REVIEW_ABSENCE_FROM": "5000",
	}
	settings, err := config.Load(func(name string) string { return set[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := reflect.ValueOf(compose.Rules(settings, time.Second))
	for i := range rules.NumField() {
		if rules.Field(i).IsZero() {
			t.Errorf("%s does not come from the settings", rules.Type().Field(i).Name)
		}
	}
}

// TestNothingElseMakesTheRules: the callback's function once made its own, without TABLE_RESTORED_AT, and numbered its
// events from 3 again.
func TestNothingElseMakesTheRules(t *testing.T) {
	t.Parallel()
	made := 0
	for _, root := range []string{"../../internal", "../../cmd", "../../functions"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			name := filepath.ToSlash(path)
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "internal/test/") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if n := strings.Count(string(source), "payment.Rules{"); n > 0 {
				made += n
				if !strings.HasSuffix(name, "internal/compose/compose.go") {
					t.Errorf("%s makes its own payment.Rules: take those of compose.Rules", name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if made != 1 {
		t.Errorf("payment.Rules are made in %d places", made)
	}
}
