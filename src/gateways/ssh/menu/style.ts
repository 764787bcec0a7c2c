const style = (on: string, off: string) => (text: string) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`);

/** The few styles of the menu; each works without colour too. */
export const bold = style('1', '22');
export const dim = style('2', '22');
export const reverse = style('7', '27');
export const cyan = style('36', '39');
export const red = style('31', '39');
