-- A hosting billing system: no declared keys, `userid` everywhere.
CREATE TABLE tblclients (id INTEGER PRIMARY KEY, uuid VARCHAR(255), firstname TEXT NOT NULL, lastname TEXT NOT NULL, companyname TEXT NOT NULL,
  email TEXT NOT NULL, address1 TEXT NOT NULL, address2 TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL, postcode TEXT NOT NULL,
  country TEXT NOT NULL, phonenumber TEXT NOT NULL, tax_id VARCHAR(128) NOT NULL, password TEXT NOT NULL, currency INTEGER NOT NULL,
  credit DECIMAL(16,2) NOT NULL, taxexempt INTEGER NOT NULL, datecreated DATE NOT NULL, notes TEXT NOT NULL, cardtype VARCHAR(255) NOT NULL,
  cardlastfour TEXT NOT NULL, securityqans TEXT NOT NULL, lastlogin DATETIME, ip TEXT NOT NULL, host TEXT NOT NULL,
  status VARCHAR(8) NOT NULL CHECK (status IN ('Active','Inactive','Closed')), language TEXT NOT NULL, pwresetkey TEXT NOT NULL,
  email_verified INTEGER NOT NULL, created_at DATETIME);
CREATE TABLE tblcontacts (id INTEGER PRIMARY KEY, userid INTEGER NOT NULL, firstname TEXT NOT NULL, lastname TEXT NOT NULL, email TEXT NOT NULL,
  phonenumber TEXT NOT NULL, subaccount INTEGER NOT NULL);
CREATE TABLE tblhosting (id INTEGER PRIMARY KEY, userid INTEGER NOT NULL, orderid INTEGER NOT NULL, packageid INTEGER NOT NULL,
  regdate DATE NOT NULL, domain TEXT NOT NULL, username TEXT NOT NULL, password TEXT NOT NULL, amount DECIMAL(16,2),
  domainstatus VARCHAR(10) NOT NULL CHECK (domainstatus IN ('Pending','Active','Suspended','Terminated','Cancelled')), notes TEXT NOT NULL);
CREATE TABLE tblinvoices (id INTEGER PRIMARY KEY, userid INTEGER NOT NULL, invoicenum TEXT NOT NULL, date DATE, duedate DATE,
  subtotal DECIMAL(16,2) NOT NULL, total DECIMAL(16,2) NOT NULL, status TEXT NOT NULL, paymentmethod TEXT NOT NULL, notes TEXT NOT NULL);
CREATE TABLE tblinvoiceitems (id INTEGER PRIMARY KEY, invoiceid INTEGER NOT NULL, userid INTEGER NOT NULL, type VARCHAR(30) NOT NULL,
  relid INTEGER NOT NULL, description TEXT NOT NULL, amount DECIMAL(16,2) NOT NULL);
CREATE TABLE tbltickets (id INTEGER PRIMARY KEY, tid VARCHAR(128) NOT NULL, did INTEGER NOT NULL, userid INTEGER NOT NULL, name TEXT NOT NULL,
  email TEXT NOT NULL, date DATETIME NOT NULL, title TEXT NOT NULL, message TEXT NOT NULL, status VARCHAR(64) NOT NULL, ipaddress VARCHAR(64));
CREATE TABLE tblticketreplies (id INTEGER PRIMARY KEY, tid INTEGER NOT NULL, date DATETIME NOT NULL, message TEXT NOT NULL, attachment TEXT NOT NULL);
CREATE TABLE tblaccounts (id INTEGER PRIMARY KEY, userid INTEGER NOT NULL, gateway TEXT NOT NULL, date DATETIME, amountin DECIMAL(16,2),
  invoiceid INTEGER NOT NULL);
CREATE TABLE tbladmins (id INTEGER PRIMARY KEY, username TEXT NOT NULL, firstname TEXT NOT NULL, lastname TEXT NOT NULL, email TEXT NOT NULL,
  password TEXT NOT NULL);
CREATE TABLE tblproducts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL);
CREATE TABLE tblconfiguration (id INTEGER PRIMARY KEY, setting TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE tblactivitylog (id INTEGER PRIMARY KEY, date DATETIME NOT NULL, description TEXT NOT NULL, user TEXT NOT NULL, userid INTEGER NOT NULL,
  ipaddr TEXT NOT NULL);
CREATE TABLE tblwhoislog (id INTEGER PRIMARY KEY, date DATETIME NOT NULL, domain TEXT NOT NULL, ip TEXT NOT NULL);
