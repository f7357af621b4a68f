"""Words from which the sample is made: Turkish given names, family names, streets, cities, subjects, sentences.

Common words only; the people they are put together to do not exist. Turkish letters (İ ı ş ğ ç ö ü) are frequent on purpose.
"""

from __future__ import annotations

GIVEN = (
    "Ayşe", "Fatma", "Emine", "Hatice", "Zeynep", "Elif", "Meryem", "Şerife", "Zehra", "Sultan", "Hanife",
    "Merve", "Havva", "Zeliha", "Esra", "Fadime", "Özlem", "Hacer", "Yasemin", "Rabia", "Gülay", "Şengül",
    "Çiğdem", "Ebru", "Ümmühan", "Büşra", "İlknur", "Irmak", "Gülşah", "Iraz", "Mehmet", "Mustafa", "Ahmet",
    "Ali", "Hüseyin", "Hasan", "İbrahim", "İsmail", "Osman", "Yusuf", "Murat", "Ömer", "Ramazan", "Halil",
    "Süleyman", "Abdullah", "Mahmut", "Recep", "Salih", "Fatih", "Kadir", "Emre", "Hakan", "Adem", "Kemal",
    "Yaşar", "Bekir", "Musa", "Metin", "Doğa", "Işıl", "Çağrı", "Ökkeş", "Uğur", "Tuğçe", "İdris", "Şükrü",
)  # fmt: skip
FAMILY = (
    "Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Yıldız", "Yıldırım", "Öztürk", "Aydın", "Özdemir", "Arslan",
    "Doğan", "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Korkmaz", "Çakır",
    "Erdoğan", "Yavuz", "Can", "Acar", "Şen", "Aktaş", "Güler", "Yalçın", "Güneş", "Bozkurt", "Bulut", "Keskin",
    "Ünal", "Turan", "Gül", "Özer", "Işık", "Kaplan", "Avcı", "Sarı", "Tekin", "Taş", "Köse", "Yüksel", "Ateş",
    "Aksoy", "Çiftçi", "Ağaoğlu", "Dağ", "Karaca", "Tunç", "Uysal", "Iğdır", "İnan", "Soylu", "Örnek",
)  # fmt: skip
STREETS = (
    "Lale", "Gül", "Menekşe", "Papatya", "Çınar", "Ihlamur", "Zambak", "Akasya", "Söğüt", "Kardelen", "Nergis",
    "Karanfil", "Begonya", "Şakayık", "Yasemin", "Leylak",
)  # fmt: skip
DISTRICTS = ("Örnek", "Deneme", "Kurgu", "Temsil", "Hayal", "Işıklı", "Güzelköy")
CITIES = (
    ("Adana", "01"), ("Ankara", "06"), ("Antalya", "07"), ("Bursa", "16"), ("Çanakkale", "17"), ("Diyarbakır", "21"),
    ("Eskişehir", "26"), ("Gaziantep", "27"), ("Isparta", "32"), ("İstanbul", "34"), ("İzmir", "35"), ("Kırşehir", "40"),
    ("Konya", "42"), ("Muğla", "48"), ("Samsun", "55"), ("Şanlıurfa", "63"), ("Iğdır", "76"),
)  # fmt: skip
TAX_OFFICES = ("Örnek", "Deneme", "Kurgu", "Temsil", "Işıklı", "Güzelköy")
TRADES = ("İnşaat", "Tekstil", "Gıda", "Yazılım", "Turizm", "Nakliyat", "Mobilya", "Çiçekçilik", "Danışmanlık", "Baskı")
FORMS = ("Ltd. Şti.", "A.Ş.", "Ticaret")
MAIL_DOMAINS = ("example.com", "example.org", "posta.example", "eposta.example", "mektup.test")
PRODUCTS = (
    ("host-s", "Başlangıç Hosting", "49.90"),
    ("host-m", "Standart Hosting", "89.90"),
    ("host-l", "Kurumsal Hosting", "179.90"),
    ("vps-1", "Sanal Sunucu 1", "249.00"),
    ("vps-2", "Sanal Sunucu 2", "449.00"),
    ("mail-10", "Kurumsal E-posta 10", "119.00"),
    ("ssl", "SSL Sertifikası", "199.00"),
    ("domain-tr", ".com.tr Alan Adı", "160.00"),
    ("domain-com", ".com Alan Adı", "420.00"),
    ("backup", "Yedekleme", "59.00"),
    ("reseller", "Bayi Hosting", "699.00"),
    ("migration", "Site Taşıma", "350.00"),
)
STAFF = (
    ("Selin Deneme", "destek"), ("Okan Deneme", "destek"), ("Pınar Deneme", "muhasebe"), ("Tolga Deneme", "muhasebe"),
    ("Nazlı Deneme", "hukuk"), ("Volkan Deneme", "sistem"), ("Derya Deneme", "sistem"), ("Cem Deneme", "satış"),
)  # fmt: skip
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/142.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15) Chrome/139.0 Mobile",
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/139.0",
)
SUBJECTS = (
    "Sitem açılmıyor", "Fatura hakkında", "E-posta gönderemiyorum", "Alan adı yönlendirme", "Şifremi unuttum",
    "SSL kurulumu",
    "Yedekten geri dönüş", "Paket yükseltme", "Ödeme yansımadı", "Sunucu çok yavaş",
)  # fmt: skip
ASKED = (
    "Merhaba, {domain} adresine ulaşamıyorum. Bana {phone} numarasından ulaşabilirsiniz.",
    "Faturam {email} adresine gelmedi, yeniden gönderir misiniz?",
    "Ödemeyi dün yaptım. İletişim: {phone} / {email}. Teşekkürler, {name}",
    "{domain} için yardım rica ediyorum. {name}",
    "Aradığınızda ulaşamadım, {phone} ya da {email_upper} üzerinden dönün.",
)
ANSWERED = (
    "Sayın {name}, kaydınızı inceledik; {email} adresine bilgi gönderdik.",
    "Sayın {name_upper}, sorun giderildi. Sizi {phone_local} numarasından da aradık.",
    "Merhaba, {domain} için gerekli ayar yapıldı. İyi çalışmalar.",
)
MAILS = ("Faturanız hazır", "Ödemeniz alındı", "Alan adınızın süresi doluyor", "Hoş geldiniz", "Destek kaydınız yanıtlandı")
TEXTS = ("Faturaniz olusturuldu.", "Odemeniz alinmistir. Tesekkurler.", "Hizmetinizin suresi 7 gun sonra doluyor.")
NOTES = (
    "{name} aradı, geri dönüş bekliyor: {phone}",
    "Ödeme konusunda esnek davranılacak.",
    "Yazışma için {email} kullanılsın, diğer adresi eski.",
    "{name_ascii} adına fatura kesiliyor.",
)
HAPPENED = (
    "{name} için paket yükseltildi ({email})",
    "MÜŞTERİ {name_upper} ARANDI, TEL {phone_local}",
    "musteri {name_ascii} sifre yeniledi",
    "{email_upper} adresine gönderim denendi",
)
IDLE = ("Gece yedeği tamamlandı", "Disk temizliği yapıldı", "Sunucu yeniden başlatıldı", "Fiyat listesi güncellendi")
