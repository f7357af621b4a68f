-- Names in Turkish, with and without their letters.
CREATE TABLE "müşteriler" ("müşteri_no" INTEGER PRIMARY KEY, ad VARCHAR(60), soyad VARCHAR(60), unvan VARCHAR(120), eposta VARCHAR(120) UNIQUE,
  cep_telefonu VARCHAR(20), tckn VARCHAR(11), vergi_dairesi VARCHAR(60), vergi_no VARCHAR(10), adres VARCHAR(200), ilçe VARCHAR(40), il VARCHAR(40),
  posta_kodu VARCHAR(5), "doğum_tarihi" DATE, "şifre" VARCHAR(100), "açıklama" TEXT, cinsiyet VARCHAR(5), "kan_grubu" VARCHAR(5),
  durumu VARCHAR(10), "kayıt_tarihi" DATETIME, dil VARCHAR(2));
CREATE TABLE FATURALAR (fatura_id INTEGER PRIMARY KEY, MUSTERI_NO INTEGER NOT NULL, fatura_no VARCHAR(16), fatura_tarihi DATE, tutar DECIMAL(10,2),
  durum VARCHAR(10) CHECK (durum IN ('odendi', 'odenmedi')), para_birimi VARCHAR(3), unvan VARCHAR(120));
CREATE TABLE FaturaKalemleri (id INTEGER PRIMARY KEY, FaturaID INTEGER NOT NULL, Aciklama VARCHAR(200), Miktar INTEGER);
CREATE TABLE hesaplar (id INTEGER PRIMARY KEY, musteri_id INTEGER, iban VARCHAR(34), hesap_no VARCHAR(20));
CREATE TABLE giris_kayitlari (id INTEGER PRIMARY KEY, musteri_id INTEGER, ip_adresi VARCHAR(45), tarayici VARCHAR(200), tarih DATETIME);
CREATE TABLE eposta_kuyrugu (id INTEGER PRIMARY KEY, alici VARCHAR(120), konu VARCHAR(200), icerik TEXT, gonderim_tarihi DATETIME);
CREATE TABLE personel (id INTEGER PRIMARY KEY, ad VARCHAR(60), soyad VARCHAR(60), eposta VARCHAR(120), maas DECIMAL(10,2));
CREATE TABLE urunler (id INTEGER PRIMARY KEY, ad VARCHAR(60), fiyat DECIMAL(10,2));
