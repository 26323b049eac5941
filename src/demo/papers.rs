//! Papers that a collective would have scanned: here a page of text as PDF, in Chinese, without a font inside.

use std::fmt::Write;

/// A page with a title and lines. Readers bring the font (STSong-Light of Adobe-GB1, which the PDF standard names).
pub fn page(title: &str, lines: &[String]) -> Vec<u8> {
    let mut content = String::from("BT /F1 18 Tf 60 770 Td ");
    let hex = |text: &str| {
        text.encode_utf16().fold(String::new(), |mut all, unit| {
            let _infallible = write!(all, "{unit:04X}");
            all
        })
    };
    let _infallible = write!(content, "<{}> Tj /F1 11 Tf 0 -34 Td ", hex(title));
    for line in lines {
        let _infallible = write!(content, "<{}> Tj 0 -22 Td ", hex(line));
    }
    content.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>"
            .to_owned(),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
            .to_owned(),
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 \
         /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
            .to_owned(),
    ];
    let mut file = String::from("%PDF-1.5\n");
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _infallible = write!(file, "{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    let table = file.len();
    let _infallible = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _infallible = writeln!(file, "{place:010} 00000 n ");
    }
    let _infallible =
        write!(file, "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_file_points_at_its_objects() {
        let file = String::from_utf8(page("会议记录", &["应到 45 人".into()])).expect("ASCII");
        let table: usize =
            file.rsplit("startxref\n").next().and_then(|t| t.lines().next()?.parse().ok()).expect("a place");
        let rows: Vec<&str> = file.split_at(table).1.lines().skip(3).take(7).collect();
        for (n, row) in rows.iter().enumerate() {
            let place: usize = row.split(' ').next().and_then(|p| p.parse().ok()).expect("a place");
            assert!(file.split_at(place).1.starts_with(&format!("{} 0 obj", n + 1)), "{row}");
        }
        assert!(file.contains("<4F1A8BAE8BB05F55>"), "会议记录 in UTF-16");
    }
}
