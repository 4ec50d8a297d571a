package main

import (
	"strings"

	"github.com/iade/iade/internal/payment"
)

// statusText says of a status: its short name, what happened to the money, what to do now, and what the customer may be told.
type statusText struct {
	word, money, do, customer text
}

// notYet is what a customer may be told while nobody knows yet, or somebody still has to decide.
var notYet = text{
	"We are checking with our payment provider whether your money is on its way. You need not do anything; we will write to you.",
	"İadenizin yapılıp yapılmadığını ödeme kuruluşumuzla kontrol ediyoruz. Bir şey yapmanız gerekmiyor; size yazacağız.",
}

// notMade is what a customer may be told where no money moved.
var notMade = text{
	"Your refund has not been made, and nothing was taken from you. We are looking into it and will write to you.",
	"İadeniz henüz yapılmadı, sizden de bir tutar alınmadı. Konuyla ilgileniyoruz, size yazacağız.",
}

// statusTexts has a row for every status.
var statusTexts = map[payment.Status]statusText{
	payment.StatusProcessing: {text{"in progress", "sürüyor"},
		text{"It is being sent to iyzico; nothing is known of the money yet.", "iyzico'ya gönderiliyor; para hakkında henüz bir şey bilinmiyor."},
		text{"Look again in a minute. Do not ask for it a second time.", "Bir dakika sonra yeniden bakın. İkinci kez istemeyin."}, notYet},
	payment.StatusSucceeded: {text{"done", "tamamlandı"},
		text{"The money moved: iyzico said so, or its report shows it.", "Para hareket etti: iyzico söyledi veya raporunda görünüyor."},
		text{"Nothing.", "Hiçbir şey."}, text{}},
	payment.StatusPartiallySucceeded: {text{"partly done", "kısmen tamamlandı"},
		text{"A part moved and the rest did not.", "Bir kısmı hareket etti, kalanı etmedi."},
		text{"Look at the parts and at the error. Ask for the missing amount with a new key, if it is still to move.",
			"Parçalara ve hataya bakın. Eksik tutar hâlâ gönderilecekse onu yeni bir anahtarla isteyin."}, text{}},
	payment.StatusRejected: {text{"refused", "reddedildi"},
		text{"It was refused and no money moved.", "Reddedildi, para hareket etmedi."},
		text{"Correct what was refused (iade explain CODE), and ask with a new key if the money is still to move.",
			"Reddedilen şeyi düzeltin (iade explain KOD); para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	payment.StatusNotSent: {text{"not sent", "gönderilmedi"},
		text{"Nothing was sent and no money moved.", "Hiçbir şey gönderilmedi, para hareket etmedi."},
		text{"The same request with the same key asks afresh.", "Aynı istek aynı anahtarla yeniden sorar."}, notMade},
	payment.StatusUnknown: {text{"not known yet", "henüz bilinmiyor"},
		text{"The answer was lost: the money may or may not have moved. iade is finding out.", "Yanıt kayboldu: para hareket etmiş de olabilir, etmemiş de. iade öğreniyor."},
		text{"Wait, or run iade check ID. Do not refund it again, neither here nor in iyzico's panel.",
			"Bekleyin veya iade check KİMLİK çalıştırın. Ne burada ne iyzico panelinde yeniden iade edin."}, notYet},
	payment.StatusNotExecuted: {text{"not executed", "yapılmadı"},
		text{"It is proved that no money moved.", "Paranın hareket etmediği kanıtlandı."},
		text{"Ask with a new key if the money is still to move.", "Para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	payment.StatusNeedsReview: {text{"waits for a person", "kişi kararı bekliyor"},
		text{"iade cannot say by itself whether the money moved. The amount stays reserved.", "Paranın hareket edip etmediğini iade kendi başına söyleyemiyor. Tutar ayrılmış durumda."},
		text{"Compare it with iyzico's panel, then run iade resolve. Do not refund it again meanwhile.",
			"iyzico paneliyle karşılaştırın, sonra iade resolve çalıştırın. Bu arada yeniden iade etmeyin."}, notYet},
	payment.StatusAwaitingCustomer: {text{"waits for customer", "müşteri bekleniyor"},
		text{"No money moved yet: the customer has to confirm it on iyzico's page.", "Henüz para hareket etmedi: müşterinin iyzico sayfasında onaylaması gerekiyor."},
		text{"Wait. Do not ask for it a second time.", "Bekleyin. İkinci kez istemeyin."},
		text{"Please confirm the refund on iyzico's page; it begins after that.", "Lütfen iadeyi iyzico sayfasında onaylayın; iade ondan sonra başlar."}},
	payment.StatusAwaitingMerchant: {text{"waits for approval", "onay bekliyor"},
		text{"No money moved yet: somebody of yours has to approve it in iyzico's panel.", "Henüz para hareket etmedi: sizden birinin iyzico panelinde onaylaması gerekiyor."},
		text{"Approve it in iyzico's panel, once. Do not ask for it a second time.", "iyzico panelinde bir kez onaylayın. İkinci kez istemeyin."},
		text{"Your confirmation reached us. We approve the refund and will write to you.", "Onayınız bize ulaştı. İadeyi onaylayıp size yazacağız."}},
	payment.StatusExpired: {text{"expired", "süresi doldu"},
		text{"A person recorded that the customer did not take it; no money moved.", "Bir kişi, müşterinin iadeyi almadığını kaydetti; para hareket etmedi."},
		text{"Ask with a new key if the money is still to move.", "Para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	payment.StatusInReview: {text{"fraud check", "inceleniyor"},
		text{"iyzico's fraud filter is looking at the payment; its end is open.", "iyzico'nun dolandırıcılık filtresi ödemeyi inceliyor; sonucu açık."},
		text{"Wait, and do not deliver yet. Do not ask for it a second time.", "Bekleyin, henüz teslim etmeyin. İkinci kez istemeyin."},
		text{"Your payment is being checked. You need not pay again; we will write to you.", "Ödemeniz kontrol ediliyor. Yeniden ödemeniz gerekmiyor; size yazacağız."}},
}

// statusWord is a status in words; one that this program does not know stays as it is.
func statusWord(s payment.Status, l language) string {
	if t, ok := statusTexts[s]; ok {
		return t.word.in(l)
	}
	return plain(string(s))
}

var kindWords = map[payment.Kind]text{
	payment.KindRefund:        {"refund to card", "karta iade"},
	payment.KindBalanceRefund: {"refund to balance", "bakiyeye iade"},
	payment.KindCancel:        {"cancel", "iptal"},
	payment.KindFundPayment:   {"payment from balance", "bakiyeden ödeme"},
	"reversal":                {"reversal", "tümünün geri verilmesi"},
}

func kindWord(k payment.Kind, l language) string { return wordOf(kindWords, k, l) }

// wordOf is a name in words; one that this program does not know stays as it is.
func wordOf[N ~string](words map[N]text, name N, l language) string {
	if t, ok := words[name]; ok {
		return t.in(l)
	}
	return plain(string(name))
}

// paymentWords are the statuses of a payment.
var paymentWords = map[string]text{
	"unpaid":             {"not paid", "ödenmedi"},
	"authorized":         {"authorised, not charged yet", "ön onaylı, henüz çekilmedi"},
	"paid":               {"paid", "ödendi"},
	"partially_refunded": {"partly refunded", "kısmen iade edildi"},
	"refunded":           {"refunded", "iade edildi"},
	"cancelled":          {"cancelled", "iptal edildi"},
}

func paymentWord(status string, l language) string { return wordOf(paymentWords, status, l) }

// actorWord says who made a change.
func actorWord(actor string, l language) string {
	return wordOf(map[string]text{
		payment.ActorSelf:      {"iade itself", "iade'nin kendisi"},
		payment.ActorReconcile: {"iade's reconciler", "iade'nin mutabakatı"},
		payment.ActorCallback:  {"the customer's browser, back from iyzico", "iyzico'dan dönen müşteri tarayıcısı"},
		payment.ActorQueue:     {"a command on the queue", "kuyruktaki bir komut"},
		payment.ActorInvoke:    {"a command given by hand", "elle verilen bir komut"},
		payment.ActorLocal:     {"a request on this machine", "bu makinedeki bir istek"},
	}, actor, l)
}

// pathOf is where the API shows an operation, by the id's first letters; "" for what is no operation's id.
func pathOf(id string) string {
	for prefix, path := range map[string]string{"rf_": "/refunds/", "cn_": "/cancels/", "rv_": "/reversals/", "fp_": "/fund-payments/"} {
		if strings.HasPrefix(id, prefix) && isID(id) {
			return path + id
		}
	}
	return ""
}

// isID tells whether a text may be an operation's id: it goes into a path as it is.
func isID(s string) bool {
	return len(s) <= 64 && len(s) > 3 && s[2] == '_' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}
