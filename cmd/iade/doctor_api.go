package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
	"github.com/iade/iade/pkg/iyzico"
)

const (
	// clockTolerance is how far two clocks may differ: what is signed with a time of five minutes ago is refused by AWS, and a
	// minute is a sign that nothing sets the clock.
	clockTolerance = time.Minute
	// mostPages bounds how much of what is unfinished is gone through: 10,000 operations.
	mostPages = 50
	// daysBack is how many days before today are looked at.
	daysBack = 7
	// closedBy is the hour of Istanbul at which yesterday should be closed: it is closed in the morning.
	closedBy = 12
)

// lookAtAPI asks for its health, and reads the clock from the same answer. reached tells that reading goes on from here.
func (p *patient) lookAtAPI(ctx context.Context) (found []finding, reached bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.client.base+"/health", http.NoBody)
	if err != nil {
		return []finding{problem("api", text{"the API's address cannot be asked: " + err.Error(), "API adresi sorulamıyor: " + err.Error()},
			text{"name another with -api", "-api ile başka adres verin"})}, false
	}
	began := time.Now()
	response, err := p.client.send(request, nil)
	if err != nil {
		return []finding{problem("api", filled(text{"nothing answers at %s", "%s adresinde yanıt veren yok"}, p.client.base),
			text{"start iade, or name another address with -api", "iade'yi başlatın veya -api ile başka adres verin"})}, false
	}
	took := time.Since(began)
	said, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	err = errors.Join(err, response.Body.Close())
	var health struct{ Status, Version string }
	switch {
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		found = append(found, problem("api", filled(text{"the API answers and does not let you in (HTTP %d)", "API yanıt veriyor ama izin vermiyor (HTTP %d)"}, response.StatusCode),
			text{"use credentials that are valid now and may read; look at the clock below as well", "şu an geçerli ve okuma yetkili kimlik bilgileri kullanın; aşağıdaki saate de bakın"}))
	case err != nil || json.Unmarshal(said, &health) != nil || response.StatusCode != http.StatusOK || health.Status != "ok":
		found = append(found, problem("api", filled(text{"what answers at %s is not a healthy iade (HTTP %d)", "%s adresinde yanıt veren sağlıklı bir iade değil (HTTP %d)"},
			p.client.base, response.StatusCode), text{"look at -api and at the function's log", "-api değerine ve işlevin günlüğüne bakın"}))
	default:
		reached = true
		found = append(found, fine("api", filled(text{"iade %s answers in %d ms", "iade %s %d ms içinde yanıt veriyor"}, health.Version, took.Milliseconds())))
	}
	return append(found, clockFinding(response.Header.Get("Date"), began.Add(took/2))), reached
}

// clockFinding compares this machine's time with the one in an answer, which is written to the second.
func clockFinding(date string, now time.Time) finding {
	theirs, err := http.ParseTime(date)
	if err != nil {
		return skipped("clock", text{"the API's answer has no date", "API yanıtında tarih yok"})
	}
	off := now.Sub(theirs).Round(time.Second)
	if off.Abs() < clockTolerance {
		return fine("clock", text{"this machine and the API agree on the time", "bu makine ve API saatte anlaşıyor"})
	}
	return problem("clock", filled(text{"this machine's clock differs from the API's by %s: signed requests may be refused, and times mislead",
		"bu makinenin saati API'ninkinden %s farklı: imzalı istekler reddedilebilir, saatler yanıltır"}, off.Abs()),
		text{"let the system set its clock (NTP)", "sistem saatini otomatik (NTP) ayarlatın"})
}

// lookedUp is one kind of unfinished operation.
type lookedUp struct {
	count  int
	oldest time.Time
}

func (u *lookedUp) add(at time.Time) {
	if u.count++; u.oldest.IsZero() || at.Before(u.oldest) {
		u.oldest = at
	}
}

// lookAtUnfinished goes through what is unfinished: what should have been settled, and what waits for a person.
func (p *patient) lookAtUnfinished(ctx context.Context) []finding {
	by := map[payment.Status]*lookedUp{}
	for _, s := range payment.Statuses() {
		by[s] = &lookedUp{}
	}
	all, err := p.newest(ctx, url.Values{"status": {"unfinished"}}, func(op *payment.Resource) {
		if by[op.Status] != nil {
			by[op.Status].add(waitsSince(op))
		}
	})
	if err != nil {
		return []finding{p.unreadable("reconciler", err), p.unreadable("person", err)}
	}
	found := []finding{p.settling(by[payment.StatusUnknown], by[payment.StatusProcessing])}
	if u := by[payment.StatusNeedsReview]; u.count > 0 {
		found = append(found, problem("person", filled(text{"%d waiting for a person to decide, the oldest for %s; the amounts stay reserved",
			"%d işlem bir kişinin kararını bekliyor, en eskisi %s süredir; tutarları ayrılmış durumda"}, u.count, p.age(u.oldest)),
			text{"iade list -status needs_review, compare each with iyzico's panel, then iade resolve", "iade list -status needs_review, her birini iyzico paneliyle karşılaştırın, sonra iade resolve"}))
	} else {
		found = append(found, fine("person", text{"nothing waits for a decision", "karar bekleyen yok"}))
	}
	if u := by[payment.StatusAwaitingMerchant]; u.count > 0 {
		found = append(found, problem("person", filled(text{"%d waiting for approval in iyzico's panel (refund to balance), the oldest for %s",
			"%d bakiyeye iade iyzico panelinde onay bekliyor, en eskisi %s süredir"}, u.count, p.age(u.oldest)),
			text{"approve each once in iyzico's panel", "her birini iyzico panelinde bir kez onaylayın"}))
	}
	if !all {
		found = append(found, skipped("person", text{"more is unfinished than was gone through: iade list counts it all", "bitmemiş işlemler bakılandan çok: iade list hepsini sayar"}))
	}
	return found
}

func (p *patient) age(since time.Time) string { return span(p.now.Sub(since)) }

// sameKeyTime is how long the unsent part of an operation waits for the same key, and a little for the reconciler that ends it then.
const sameKeyTime = time.Hour + 5*time.Minute

// waitsSince is when an operation's wait for its end began. One in progress may have been unknown for long before: the refunds in
// place of a cancel that was proved to have moved nothing have their time anew.
func waitsSince(op *payment.Resource) time.Time {
	if op.Status == payment.StatusProcessing && op.UpdatedAt.After(op.CreatedAt) {
		return op.UpdatedAt
	}
	return op.CreatedAt
}

// settling judges what the reconciler should have settled.
func (p *patient) settling(unknown, processing *lookedUp) finding {
	late := func(u *lookedUp, most time.Duration) bool { return u.count > 0 && p.now.Sub(u.oldest) > most }
	switch {
	case late(processing, max(p.window, sameKeyTime)):
		return problem("reconciler", filled(text{"%d in progress, the oldest for %s: nobody settles them, so the reconciler stands still",
			"%d işlem sürüyor, en eskisi %s süredir: kimse sonuçlandırmıyor, yani mutabakat çalışmıyor"}, processing.count, p.age(processing.oldest)),
			text{"look at the schedule and the log of ReconcileFunction; iade check ID settles one by hand", "ReconcileFunction zamanlamasına ve günlüğüne bakın; iade check KİMLİK birini elle sonuçlandırır"})
	case late(unknown, p.window):
		return problem("reconciler", filled(text{"%d unknown, the oldest for %s: iyzico's report cannot be read, or the reconciler stands still",
			"%d sonuç bilinmiyor, en eskisi %s süredir: iyzico raporu okunamıyor veya mutabakat çalışmıyor"}, unknown.count, p.age(unknown.oldest)),
			text{"iade check ID says which; do not refund again meanwhile", "iade check KİMLİK hangisi olduğunu söyler; bu arada yeniden iade etmeyin"})
	}
	return fine("reconciler", filled(text{"%d unknown and %d in progress, none for too long", "%d bilinmiyor, %d sürüyor, hiçbiri fazla beklemedi"},
		unknown.count, processing.count))
}

// lookAtRefused reads what came to nothing lately, and why: keys that iyzico does not take, and iyzico's limit of calls; whether new
// money may leave, and how much of the merchant's own limits is used.
func (p *patient) lookAtRefused(ctx context.Context) []finding {
	from := func(d time.Duration) string { return p.now.Add(-d).UTC().Format(time.RFC3339) }
	notSent, err := p.errorsOf(ctx, payment.StatusNotSent, from(time.Hour))
	if err != nil {
		return append([]finding{p.unreadable("keys", err)}, p.lookAtOwnLimits(ctx)...)
	}
	keys := notSent["credentials"] + notSent["keys-unreadable"]
	for _, c := range iyzico.Codes() {
		if c.Outcome == iyzico.NotSent && c.Code != "50000" {
			keys += notSent[c.Code]
		}
	}
	found := []finding{fine("keys", text{"in the last hour no operation failed because of iyzico's keys", "son bir saatte iyzico anahtarları yüzünden başarısız işlem yok"})}
	if keys > 0 {
		found[0] = problem("keys", filled(text{"%d not sent in the last hour: iyzico does not take the keys, or they could not be read",
			"son bir saatte %d işlem gönderilemedi: iyzico anahtarları kabul etmiyor veya anahtarlar okunamıyor"}, keys),
			text{"put the right keys into the secret (the stack's output PutIyzicoKeys); the same requests then ask afresh", "gizli değere doğru anahtarları koyun (yığının PutIyzicoKeys çıktısı); aynı istekler sonra yeniden sorar"})
	}
	if limited := notSent["rate-limited"] + notSent["50000"]; limited > 0 {
		found = append(found, problem("limits", filled(text{"%d over the limit of calls a minute in the last hour", "son bir saatte %d işlem dakikalık çağrı sınırını aştı"}, limited),
			text{"send fewer at once; the same requests with the same keys ask afresh", "aynı anda daha az gönderin; aynı istekler aynı anahtarlarla yeniden sorar"}))
	}
	found = append(found, p.lookAtOwnLimits(ctx)...)
	if len(found) == 1 {
		found = append(found, fine("limits", text{"no recorded operation was over the limit of calls, and no limit of your own is near", "kayıtlı hiçbir işlem çağrı sınırını aşmadı, kendi sınırlarınız da dolmak üzere değil"}))
	}
	return found
}

// lookAtOwnLimits reads whether new money may leave, and how much of the merchant's own limits is used.
func (p *patient) lookAtOwnLimits(ctx context.Context) []finding {
	var said struct {
		NewMoney string
		Limits   []struct {
			Limit, Currency         string
			UsedAmount, LimitAmount *decimal.Decimal // of a day
			UsedCount, LimitCount   *decimal.Decimal // of an hour
		}
	}
	if _, err := p.client.read(ctx, "/limits", &said); err != nil {
		return []finding{p.unreadable("limits", err)}
	}
	var found []finding
	if said.NewMoney == "off" {
		found = append(found, problem("limits", newMoneyOff,
			text{"when its reason is gone, switch it on (docs/operate.md#switching-new-money-off)", "nedeni ortadan kalkınca açın (docs/operate.md#switching-new-money-off)"}))
	}
	for _, l := range said.Limits {
		used, most := cmp.Or(l.UsedAmount, l.UsedCount), cmp.Or(l.LimitAmount, l.LimitCount)
		if used == nil || most == nil {
			continue
		}
		use := payment.LimitUse{Used: *used, Most: *most}
		found = append(found, ownLimit(use.Percent(), strings.TrimSpace(l.Limit+" "+l.Currency))...)
	}
	return found
}

// ownLimit judges how much of a limit of the merchant's own is used. From nearly on somebody should look.
func ownLimit(percent int64, name string) []finding {
	const nearly, whole = 80, 100
	do := text{"find out why so much is refunded; if it is right, raise the limit (docs/operate.md#limit-reached)",
		"neden bu kadar iade yapıldığını bulun; doğruysa sınırı yükseltin (docs/operate.md#limit-reached)"}
	switch {
	case percent >= whole:
		return []finding{problem("limits", filled(text{"your own limit is reached (%s): refunds are refused until it is free again", "kendi sınırınız doldu (%s): boşalana kadar iadeler reddedilir"}, name), do)}
	case percent >= nearly:
		return []finding{problem("limits", filled(text{"%d %% of your own limit is used (%s)", "kendi sınırınızın %% %d kadarı kullanıldı (%s)"}, percent, name), do)}
	}
	return nil
}

// errorsOf counts the errors of the newest operations of a status by their code.
func (p *patient) errorsOf(ctx context.Context, status payment.Status, from string) (map[string]int, error) {
	counts := map[string]int{}
	_, err := p.newest(ctx, url.Values{"status": {string(status)}, "from": {from}}, func(op *payment.Resource) {
		if op.Error != nil {
			counts[op.Error.Code]++
		}
	})
	return counts, err
}

// newest gives each operation of at most mostPages pages to take. all tells whether there were no more.
func (p *patient) newest(ctx context.Context, query url.Values, take func(*payment.Resource)) (all bool, err error) {
	query.Set("limit", asked(0))
	seen := 0
	err = pages(ctx, p.client, query, func(page page) (bool, error) {
		for _, said := range page.Operations {
			var op payment.Resource
			if err := understand(said, &op); err != nil {
				return false, err
			}
			take(&op)
		}
		seen++
		all = page.NextCursor == ""
		return seen < mostPages, nil
	})
	return all, err
}

// lookAtDays reads the last days: yesterday should be closed, and none should differ.
func (p *patient) lookAtDays(ctx context.Context) []finding {
	var differ []string
	today := p.now.In(words.Istanbul())
	open := false
	for back := daysBack; back > 0; back-- {
		date := today.AddDate(0, 0, -back).Format(time.DateOnly)
		var d bookedDay
		_, err := p.client.read(ctx, "/days/"+date, &d)
		switch {
		case err != nil:
			return []finding{p.unreadable("day", err)}
		case d.Status == "differs":
			differ = append(differ, date)
		case back == 1:
			open = d.Status != "closed" && today.Hour() >= closedBy
		}
	}
	var found []finding
	if len(differ) > 0 {
		found = append(found, problem("day", filled(text{"iyzico's books and iade's differ on %s", "iyzico'nun ve iade'nin kayıtları şu günlerde farklı: %s"}, strings.Join(differ, ", ")),
			filled(text{"iade day %s names each difference and what to do", "iade day %s her farkı ve yapılacağı söyler"}, differ[0])))
	}
	if open {
		found = append(found, problem("day", filled(text{"%s is not closed: nobody has held it against iyzico's list", "%s kapatılmadı: iyzico listesiyle karşılaştırılmadı"}, yesterday(p.now)),
			filled(text{"iade day %s -close; if it is so every day, look at the schedule", "iade day %s -close; her gün böyleyse zamanlamaya bakın"}, yesterday(p.now))))
	}
	if found == nil {
		found = append(found, fine("day", filled(text{"no day of the last %d differs", "son %d günün hiçbirinde fark yok"}, daysBack)))
	}
	return found
}

// unreadable is a look that the API did not allow: because this deployment does not have it, or because something is wrong.
func (p *patient) unreadable(check string, err error) finding {
	var no *refusal
	if errors.As(err, &no) && (no.status == http.StatusNotImplemented || no.status == http.StatusNotFound) {
		return skipped(check, text{"this deployment does not answer that (it keeps no journal, or is older)", "bu kurulum bunu yanıtlamıyor (kayıt defteri yok veya eski sürüm)"})
	}
	return problem(check, text{fmt.Sprintf("it could not be read: %v", err), fmt.Sprintf("okunamadı: %v", err)},
		text{"run it again; if it stays so, look at the log of StatusFunction", "yeniden çalıştırın; değişmezse StatusFunction günlüğüne bakın"})
}
