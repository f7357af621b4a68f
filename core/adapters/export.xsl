<?xml version="1.0" encoding="UTF-8"?>
<!-- From the export's XML to a page for people, piece by piece: head, heading of a table, rows, end. No script, nothing loaded from elsewhere. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:e="urn:kvkk-desk:export:1" exclude-result-prefixes="e">
  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:param name="title"/>
  <xsl:param name="controller"/>
  <xsl:param name="law"/>
  <xsl:param name="made"/>
  <xsl:param name="nothing"/>
  <xsl:param name="coded"/>

  <xsl:template match="e:export">
    <html lang="{@language}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        <meta name="referrer" content="no-referrer"/>
        <title><xsl:value-of select="$title"/></title>
        <style>
          body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1b1b1f; background: #fff }
          h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
          dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem } dt { font-weight: 600 } dd { margin: 0 }
          .wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
          th, td { border-bottom: 1px solid #d0d0d8; padding: .35rem .6rem; text-align: left; vertical-align: top }
          th { white-space: nowrap } td { white-space: pre-wrap; overflow-wrap: anywhere } .none, .coded, .law { color: #5c5c66 }
          @media (prefers-color-scheme: dark) { body { color: #e6e6ea; background: #1b1b1f } .none, .coded, .law { color: #a8a8b3 } }
          @media print { body { margin: 0; max-width: none } h2 { break-after: avoid } }
        </style>
      </head>
      <body>
        <header>
          <h1><xsl:value-of select="$title"/></h1>
          <dl>
            <xsl:for-each select="e:controller/@name"><dt><xsl:value-of select="$controller"/></dt><dd><bdi><xsl:value-of select="."/></bdi></dd></xsl:for-each>
            <dt><xsl:value-of select="$law"/></dt><dd><xsl:value-of select="e:regime"/></dd>
            <dt><xsl:value-of select="$made"/></dt><dd><time><xsl:value-of select="@created"/></time></dd>
          </dl>
        </header>
        <main><xsl:comment>tables</xsl:comment></main>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="e:table">
    <section>
      <h2><xsl:value-of select="@label"/></h2>
      <div class="wide"><table>
        <thead><tr>
          <xsl:for-each select="e:record/e:field">
            <th scope="col"><xsl:choose><xsl:when test="@label"><xsl:value-of select="@label"/></xsl:when><xsl:otherwise><xsl:value-of select="@name"/></xsl:otherwise></xsl:choose></th>
          </xsl:for-each>
        </tr></thead>
        <tbody><xsl:comment>rows</xsl:comment></tbody>
      </table></div>
    </section>
  </xsl:template>

  <xsl:template match="e:records">
    <xsl:for-each select="e:record"><tr><xsl:apply-templates select="e:field"/></tr></xsl:for-each>
  </xsl:template>

  <xsl:template match="e:field[@nil]"><td class="none"><xsl:value-of select="$nothing"/></td></xsl:template>
  <xsl:template match="e:field[@encoding]"><td><span class="coded"><xsl:value-of select="$coded"/></span><xsl:text> </xsl:text><bdi><xsl:value-of select="."/></bdi></td></xsl:template>
  <xsl:template match="e:field"><td><bdi><xsl:value-of select="."/></bdi></td></xsl:template>
</xsl:stylesheet>
