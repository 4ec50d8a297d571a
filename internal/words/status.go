package words

// StatusText says of a status: its short name, what happened to the money, what to do now, and what the customer may be told.
type StatusText struct {
	Word, Money, Do, Customer Text
}

// notYet is what a customer may be told while nobody knows yet, or somebody still has to decide.
var notYet = Text{
	"We are checking with our payment provider whether your money is on its way. You need not do anything; we will write to you.",
	"İadenizin yapılıp yapılmadığını ödeme kuruluşumuzla kontrol ediyoruz. Bir şey yapmanız gerekmiyor; size yazacağız.",
}

// notMade is what a customer may be told where no money moved.
var notMade = Text{
	"Your refund has not been made, and nothing was taken from you. We are looking into it and will write to you.",
	"İadeniz henüz yapılmadı, sizden de bir tutar alınmadı. Konuyla ilgileniyoruz, size yazacağız.",
}

// statusTexts has a row for every status.
var statusTexts = map[string]StatusText{
	"processing": {Text{"in progress", "sürüyor"},
		Text{"It is being sent to iyzico, or a part of it waits until the same key asks again.",
			"iyzico'ya gönderiliyor veya bir kısmı aynı anahtarla yeniden istenene kadar bekliyor."},
		Text{"Look again in a minute. If it is in progress still, ask again with the same key: it goes on and pays nothing twice. Never use a new key.",
			"Bir dakika sonra yeniden bakın. Hâlâ sürüyorsa aynı anahtarla yeniden isteyin: kaldığı yerden sürer, hiçbir şey iki kez ödenmez. Yeni anahtar kullanmayın."}, notYet},
	"succeeded": {Text{"done", "tamamlandı"},
		Text{"The money moved: iyzico said so, or its report shows it.", "Para hareket etti: iyzico söyledi veya raporunda görünüyor."},
		Text{"Nothing.", "Hiçbir şey."}, Text{}},
	"partially_succeeded": {Text{"partly done", "kısmen tamamlandı"},
		Text{"A part moved and the rest did not.", "Bir kısmı hareket etti, kalanı etmedi."},
		Text{"Look at the parts and at the error. Ask for the missing amount with a new key, if it is still to move.",
			"Parçalara ve hataya bakın. Eksik tutar hâlâ gönderilecekse onu yeni bir anahtarla isteyin."}, Text{}},
	"rejected": {Text{"refused", "reddedildi"},
		Text{"It was refused and no money moved.", "Reddedildi, para hareket etmedi."},
		Text{"Correct what was refused, and ask with a new key if the money is still to move.",
			"Reddedilen şeyi düzeltin; para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	"not_sent": {Text{"not sent", "gönderilmedi"},
		Text{"Nothing was sent and no money moved.", "Hiçbir şey gönderilmedi, para hareket etmedi."},
		Text{"The same request with the same key asks afresh.", "Aynı istek aynı anahtarla yeniden sorar."}, notMade},
	"unknown": {Text{"not known yet", "henüz bilinmiyor"},
		Text{"The answer was lost: the money may or may not have moved. iade is finding out.", "Yanıt kayboldu: para hareket etmiş de olabilir, etmemiş de. iade öğreniyor."},
		Text{"Wait, or have it checked now. Do not refund it again, neither here nor in iyzico's panel.",
			"Bekleyin veya şimdi kontrol ettirin. Ne burada ne iyzico panelinde yeniden iade edin."}, notYet},
	"not_executed": {Text{"not executed", "yapılmadı"},
		Text{"It is proved that no money moved.", "Paranın hareket etmediği kanıtlandı."},
		Text{"Ask with a new key if the money is still to move.", "Para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	"needs_review": {Text{"waits for a person", "kişi kararı bekliyor"},
		Text{"iade cannot say by itself whether the money moved. The amount stays reserved.", "Paranın hareket edip etmediğini iade kendi başına söyleyemiyor. Tutar ayrılmış durumda."},
		Text{"Compare it with iyzico's panel, then record what you found (resolve). Do not refund it again meanwhile.",
			"iyzico paneliyle karşılaştırın, sonra bulduğunuzu kaydedin (resolve). Bu arada yeniden iade etmeyin."}, notYet},
	"awaiting_customer": {Text{"waits for customer", "müşteri bekleniyor"},
		Text{"No money moved yet: the customer has to confirm it on iyzico's page.", "Henüz para hareket etmedi: müşterinin iyzico sayfasında onaylaması gerekiyor."},
		Text{"Wait. Do not ask for it a second time.", "Bekleyin. İkinci kez istemeyin."},
		Text{"Please confirm the refund on iyzico's page; it begins after that.", "Lütfen iadeyi iyzico sayfasında onaylayın; iade ondan sonra başlar."}},
	"awaiting_merchant": {Text{"waits for approval", "onay bekliyor"},
		Text{"No money moved yet: somebody of yours has to approve it in iyzico's panel.", "Henüz para hareket etmedi: sizden birinin iyzico panelinde onaylaması gerekiyor."},
		Text{"Approve it in iyzico's panel, once. Do not ask for it a second time.", "iyzico panelinde bir kez onaylayın. İkinci kez istemeyin."},
		Text{"Your confirmation reached us. We approve the refund and will write to you.", "Onayınız bize ulaştı. İadeyi onaylayıp size yazacağız."}},
	"expired": {Text{"expired", "süresi doldu"},
		Text{"A person recorded that the customer did not take it; no money moved.", "Bir kişi, müşterinin iadeyi almadığını kaydetti; para hareket etmedi."},
		Text{"Ask with a new key if the money is still to move.", "Para hâlâ gönderilecekse yeni bir anahtarla isteyin."}, notMade},
	"in_review": {Text{"fraud check", "inceleniyor"},
		Text{"iyzico's fraud filter is looking at the payment; its end is open.", "iyzico'nun dolandırıcılık filtresi ödemeyi inceliyor; sonucu açık."},
		Text{"Wait, and do not deliver yet. Do not ask for it a second time.", "Bekleyin, henüz teslim etmeyin. İkinci kez istemeyin."},
		Text{"Your payment is being checked. You need not pay again; we will write to you.", "Ödemeniz kontrol ediliyor. Yeniden ödemeniz gerekmiyor; size yazacağız."}},
}

// StatusOf gives the words for a status, and whether this program knows it.
func StatusOf(status string) (StatusText, bool) {
	said, known := statusTexts[status]
	return said, known
}

// Newer is said of a status that this program does not know.
var Newer = Text{
	"This program does not know this status: take the outcome for unknown, do not refund again, and use a newer iade.",
	"Bu program bu durumu tanımıyor: sonucu bilinmiyor sayın, yeniden iade etmeyin, daha yeni bir iade kullanın.",
}

// Status is a status in words; one that this program does not know stays as it is.
func (l Language) Status(status string) string {
	if said, known := statusTexts[status]; known {
		return said.Word.In(l)
	}
	return Plain(status)
}

var kindWords = map[string]Text{
	"refund":         {"refund to card", "karta iade"},
	"balance_refund": {"refund to balance", "bakiyeye iade"},
	"cancel":         {"cancel", "iptal"},
	"fund_payment":   {"payment from balance", "bakiyeden ödeme"},
	"reversal":       {"reversal", "tümünün geri verilmesi"},
}

// Kind is an operation's kind in words.
func (l Language) Kind(kind string) string { return l.word(kindWords, kind) }

// word is a name in words; one that this program does not know stays as it is.
func (l Language) word(words map[string]Text, name string) string {
	if t, ok := words[name]; ok {
		return t.In(l)
	}
	return Plain(name)
}

var paymentWords = map[string]Text{
	"unpaid":             {"not paid", "ödenmedi"},
	"authorized":         {"authorised, not charged yet", "ön onaylı, henüz çekilmedi"},
	"paid":               {"paid", "ödendi"},
	"partially_refunded": {"partly refunded", "kısmen iade edildi"},
	"refunded":           {"refunded", "iade edildi"},
	"cancelled":          {"cancelled", "iptal edildi"},
}

// Payment is the status of a payment in words.
func (l Language) Payment(status string) string { return l.word(paymentWords, status) }

var actorWords = map[string]Text{
	"iade":           {"iade itself", "iade'nin kendisi"},
	"iade:reconcile": {"iade's reconciler", "iade'nin mutabakatı"},
	"iade:callback":  {"the customer's browser, back from iyzico", "iyzico'dan dönen müşteri tarayıcısı"},
	"iade:queue":     {"a command on the queue", "kuyruktaki bir komut"},
	"iade:invoke":    {"a command given by hand", "elle verilen bir komut"},
	"iade:local":     {"a request on this machine", "bu makinedeki bir istek"},
}

// Actor says who made a change.
func (l Language) Actor(actor string) string { return l.word(actorWords, actor) }
